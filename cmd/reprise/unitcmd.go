package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"reprise/api"
	"reprise/bess"
	"reprise/config"
	"reprise/device"
	"reprise/twin/serve"
	"reprise/unit"
)

// unitCommand is the controller as a service on real devices.
type unitCommand struct {
	Unit      string `help:"Unit file." placeholder:"FILE" required:""`
	Wires     string `help:"Where the devices are, as JSON in the form that \"reprise twin\" prints." placeholder:"FILE" required:""`
	HTTP      string `name:"http" help:"Address of the page, the API and the stations' central system." default:"127.0.0.1:8080" placeholder:"ADDR"`
	DataDir   string `help:"Folder for ledger, series, journal and checkpoint." placeholder:"DIR" required:""`
	Token     string `name:"token-file" help:"File with the token that opens the API; needed beyond loopback." placeholder:"FILE"`
	Passwords string `name:"station-passwords" help:"File with a line \"station password\" for each charging station that calls from another machine." placeholder:"FILE"`
	Packs     string `help:"Folder with further pack types (*.yaml with *.dbc beside)." placeholder:"DIR"`
	Quiet     bool   `help:"Print warnings only."`
	alarmFlags
}

// Help is the longer text of "reprise unit --help".
func (unitCommand) Help() string {
	return "Runs a unit on its own devices: packs and I/O module on CAN (tcp://, udp:// or socketcan://), converters, inverter,\n" +
		"meters and supplies behind one Modbus gateway, charging stations that call ws://ADDR/ocpp. Stopping it leaves the\n" +
		"devices to their own watchdogs; started again within 1.5 s it goes on from its checkpoint. Under systemd use\n" +
		"Type=notify and WatchdogSec=2. Its half of the hold-in is not enough: \"reprise guard\" is a service of its own beside it.\n\n" +
		"Example:\n\n  reprise twin --unit examples/units/max.yaml --central ws://127.0.0.1:8080/ocpp > wires.json &\n" +
		"  reprise unit --unit examples/units/max.yaml --wires wires.json --data-dir data"
}

// service is a unit on its wires, ready to run.
type service struct {
	unit   *bess.Unit
	tables []*device.PackTable
	wires  serve.Addresses
	admit  func(*http.Request, string) error
	ways   []unit.Way
	house  *house
	front  *front
	log    *slog.Logger
	notify *notifier
}

// Run serves until it is told to end.
func (c *unitCommand) Run(con *console) error {
	if err := api.CheckBind(c.HTTP, c.Token); err != nil {
		return badInput(err, "")
	}
	s, err := c.service(con)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(con, "tcp", c.HTTP)
	if err != nil {
		return fmt.Errorf("opening %s: %w: choose another address with --http", c.HTTP, err)
	}
	defer func() { _ = listener.Close() }() // the HTTP server has closed it before
	if s.notify, err = newNotifier(os.Getenv); err != nil {
		return err
	}
	defer s.notify.close()
	now := systemCivil()
	if s.house, err = openHouse(c.DataDir, s.unit, 0, now); err != nil {
		return err
	}
	s.front = &front{house: s.house}
	fmt.Fprintf(con.progress, "%s: %d packs, %d converters, %d outlets\n", s.unit.Name, len(s.unit.Packs), len(s.unit.Converters), len(s.unit.Outlets))
	d := door{front: s.front, token: c.Token, listener: listener, options: api.Options{
		Reporter: &hireReporter{unit: s.unit, zone: now.ZoneOffset, front: s.front}, Log: s.log,
	}}
	return errors.Join(d.serve(con, s.run), s.house.close())
}

// service reads everything that the command line names; nothing is opened or called yet.
func (c *unitCommand) service(con *console) (*service, error) {
	types, err := packTypes(c.Packs)
	if err != nil {
		return nil, badInput(err, "")
	}
	text, err := os.ReadFile(c.Unit)
	if err != nil {
		return nil, badInput(err, "name a unit file that can be read")
	}
	u, faults := config.Read(c.Unit, text, types)
	if refusals := faults.Refusals(); len(refusals) > 0 {
		return nil, badInput(refusals.Err(), "correct it, see \"reprise check\"")
	}
	level := slog.LevelInfo
	if c.Quiet {
		level = slog.LevelWarn
	}
	s := &service{unit: u, log: slog.New(slog.NewTextHandler(con.progress, &slog.HandlerOptions{Level: level}))}
	if s.tables, err = unit.PackTables(u, types); err != nil {
		return nil, badInput(err, "")
	}
	if s.wires, err = readWires(c.Wires, u); err != nil {
		return nil, badInput(err, "")
	}
	if s.admit, err = stationPasswords(c.Passwords, u); err != nil {
		return nil, badInput(err, "")
	}
	s.ways, err = c.ways()
	return s, err
}

// run is one life of the controller. It ends with the context, or with a broken invariant, never with a device.
func (s *service) run(ctx context.Context) error {
	c := unit.Config{Unit: s.unit, Wall: systemCivil, Ways: s.ways, Feed: s.notify.beat}
	if err := s.house.configure(&c, s.log); err != nil {
		return err
	}
	clock := func() bess.Instant { return s.front.machine.Load().Now() } // stored below, before any port runs
	ports, err := serve.Ports(s.unit, s.tables, wiresOf(s.wires), clock)
	if err != nil {
		return err
	}
	for _, p := range ports {
		c.Ports = append(c.Ports, p)
	}
	stations, err := device.NewStations(device.StationsOptions{Clock: clock, Unit: s.unit, Admit: s.admit, FreeVend: true})
	if err != nil {
		return err
	}
	c.Ports = append(c.Ports, stations)
	m, err := unit.New(c)
	if err != nil {
		return err
	}
	s.front.machine.Store(m)
	var handler http.Handler = stations
	s.front.stations.Store(&handler)
	watched, stop := context.WithCancel(ctx)
	told := aside(func() error { s.notify.run(watched); return nil })
	defer func() { stop(); _ = <-told }()
	return m.Run(ctx)
}

// systemCivil is the machine's own clock, which nothing has confirmed.
func systemCivil() bess.Civil {
	now := time.Now()
	_, offset := now.Zone()
	return bess.Civil{UnixMilli: now.UnixMilli(), ZoneOffset: int32(offset), Trust: bess.TrustLocal}
}
