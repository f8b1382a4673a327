package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"reprise/bess"
	"reprise/device"
	"reprise/twin/serve"
	"reprise/wire/can"
	"reprise/wire/modbus"
	"reprise/wire/ocpp"
)

// readWires reads where a unit's devices are. Every fault of the file is told, each with its place.
func readWires(file string, u *bess.Unit) (serve.Addresses, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return serve.Addresses{}, fmt.Errorf("reading the wires: %w: name a file as \"reprise twin\" prints it", err)
	}
	at, err := parseWires(text, u)
	if err != nil {
		return at, fmt.Errorf("reading the wires in %s: %w", file, err)
	}
	return at, nil
}

func parseWires(text []byte, u *bess.Unit) (serve.Addresses, error) {
	var at serve.Addresses
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&at); err != nil {
		line, column := placeIn(text, decoder.InputOffset(), err)
		return at, fmt.Errorf("line %d column %d: %w: it is one object with \"packs\", \"io\" and \"registers\"", line, column, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		line, column := placeIn(text, decoder.InputOffset(), nil)
		return at, fmt.Errorf("line %d column %d: something follows the object: remove it", line, column)
	}
	var faults []error
	if len(at.Packs) != len(u.Packs) {
		faults = append(faults, fmt.Errorf("packs: %d channels for %d packs: name one for each pack, in the unit file's order", len(at.Packs), len(u.Packs)))
	}
	used := map[string]string{}
	channel := func(place, address string) {
		if err := checkChannel(address); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", place, err))
		} else if other, twice := used[address]; twice {
			faults = append(faults, fmt.Errorf("%s: %s is that of %s too: equal packs share identifiers, so each needs a channel of its own", place, address, other))
		}
		used[address] = place
	}
	for i, address := range at.Packs {
		channel(fmt.Sprintf("packs[%d]", i), address)
	}
	channel("io", at.IO)
	if err := checkHostPort(at.Registers); err != nil {
		faults = append(faults, fmt.Errorf("registers: %w", err))
	}
	return at, errors.Join(faults...)
}

// lookEvery is the shortest time between two looks at a CAN channel that comes over TCP; who receives may look less
// often. A controller that sleeps in between lives longer on its battery, and no time limit of a pack comes near it.
const lookEvery = 25 * time.Millisecond

// wiresOf are the wires at these addresses.
func wiresOf(at serve.Addresses) serve.Wires {
	dial := func(address string) device.DialCAN {
		return func(ctx context.Context) (can.Bus, error) { return can.Dialer{Pace: lookEvery}.Dial(ctx, address) }
	}
	w := serve.Wires{IO: dial(at.IO), Registers: modbus.DialTCP(at.Registers)}
	for _, address := range at.Packs {
		w.Packs = append(w.Packs, dial(address))
	}
	return w
}

// placeIn is where in a text a decoder stopped, from one.
func placeIn(text []byte, offset int64, err error) (line, column int) {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	before := text[:min(max(offset, 0), int64(len(text)))]
	line = 1 + bytes.Count(before, []byte("\n"))
	return line, max(1, len(before)-1-bytes.LastIndexByte(before, '\n'))
}

// checkChannel says what is wrong with the address of a CAN channel.
func checkChannel(address string) error {
	const forms = "write tcp://host:port, udp://host:port or socketcan://can0"
	if address == "" {
		return errors.New("it is missing: " + forms)
	}
	where, err := url.Parse(address)
	if err != nil || where.User != nil || where.Path != "" || where.RawQuery != "" || where.Fragment != "" || where.Opaque != "" {
		return fmt.Errorf("%q is no address of a CAN channel: %s", address, forms)
	}
	switch where.Scheme {
	case "tcp", "udp":
		if err := checkHostPort(where.Host); err != nil {
			return fmt.Errorf("%q: %w", address, err)
		}
		return nil
	case "socketcan":
		if where.Host != "" && where.Port() == "" {
			return nil
		}
	}
	return fmt.Errorf("%q is no address of a CAN channel: %s", address, forms)
}

func checkHostPort(address string) error {
	host, port, err := net.SplitHostPort(address)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || host == "" || n < 1 || n > 65535 {
		return fmt.Errorf("%q is no address: write host:port, such as 192.168.1.20:502", address)
	}
	return nil
}

// stationPasswords reads who may call from other machines; without a file, nobody may.
func stationPasswords(file string, u *bess.Unit) (func(*http.Request, string) error, error) {
	if file == "" {
		return ocpp.PasswordCheck(nil), nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("reading the stations' passwords: %w: name a file that can be read", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("reading the stations' passwords: everybody on this machine may read %s: run \"chmod 600 %s\"", file, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the stations' passwords: %w", err)
	}
	passwords, err := parsePasswords(text, u)
	if err != nil {
		return nil, fmt.Errorf("reading the stations' passwords: %s:%w", file, err)
	}
	return ocpp.PasswordCheck(func(identity, password string) bool {
		want, known := passwords[identity]
		return known && subtle.ConstantTimeCompare([]byte(want), []byte(password)) == 1
	}), nil
}

// leastPassword is the shortest password of a station: OCPP's security white paper asks for 16 characters at least.
const leastPassword = 16

func parsePasswords(text []byte, u *bess.Unit) (map[string]string, error) {
	known := map[string]bool{}
	for i := range u.Outlets {
		known[u.Outlets[i].Station] = true
	}
	passwords := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		station, password, _ := strings.Cut(line, " ")
		password = strings.TrimSpace(password)
		switch {
		case !known[station]:
			return nil, fmt.Errorf("%d: no outlet of this unit names the station %q", n, station)
		case passwords[station] != "":
			return nil, fmt.Errorf("%d: a second password for station %q: keep one", n, station)
		case len(password) < leastPassword:
			return nil, fmt.Errorf("%d: the password of station %q has %d characters, at least %d are needed", n, station, len(password), leastPassword)
		}
		passwords[station] = password
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf(" %w", err)
	}
	return passwords, nil
}
