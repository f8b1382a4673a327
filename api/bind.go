package api

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
)

// shortestToken is what a token must have at least: 16 characters of a random source are beyond guessing.
const shortestToken = 16

// CheckBind reports why a server may not listen on addr ("host:port"): beyond loopback anybody on the network could
// give orders, so a token is needed there. On loopback tokenFile may be empty.
func CheckBind(addr, tokenFile string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listening on %q: %w: write it as address:port, such as 127.0.0.1:8080", addr, err)
	}
	if tokenFile != "" {
		_, err := ReadToken(tokenFile)
		return err
	}
	if isLoopback(host) {
		return nil
	}
	return fmt.Errorf("listening on %q: this address can be reached from the network, where anybody could then give orders: "+
		"name a file with a token (--token-file FILE), or listen on 127.0.0.1", addr)
}

// ReadToken is the token in a file, without the space around it. The file must be readable by its owner's group at
// most, and the token 16 printable characters long at least.
func ReadToken(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("reading the token: %w: make one with \"head -c 24 /dev/urandom | base64 > FILE; chmod 600 FILE\"", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return "", fmt.Errorf("reading the token: everybody on this machine may read %s: run \"chmod 600 %s\"", file, file)
	}
	if info.Size() > 4096 {
		return "", fmt.Errorf("reading the token: %s is too large to hold one", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < shortestToken {
		return "", fmt.Errorf("reading the token: %s holds %d characters, at least %d are needed", file, len(token), shortestToken)
	}
	for _, c := range token {
		if c <= ' ' || c > '~' {
			return "", errors.New("reading the token: " + file + " holds characters that cannot be typed: use printable ASCII in one line")
		}
	}
	return token, nil
}

// isLoopback reports whether host can be reached from this machine only. Names other than localhost count as reachable.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
