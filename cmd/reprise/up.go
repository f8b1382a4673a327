package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"reprise/api"
	"reprise/config"
	"reprise/scenario"
	"reprise/unit"
)

// upCommand is the demo and the development loop: a unit, its twin behind the real protocols, and the page.
type upCommand struct {
	Scenario string  `arg:"" optional:"" help:"Scenario to be played; without it the reference unit's example day."`
	HTTP     string  `name:"http" help:"Address of the page and the API." default:"127.0.0.1:8080" placeholder:"ADDR"`
	DataDir  string  `help:"Folder for ledger, series and journal; without it a temporary one that is removed at the end." placeholder:"DIR"`
	Speed    float64 `help:"Speed of the twin; above 1 without wires." default:"1"`
	Token    string  `name:"token-file" help:"File with the token that opens the API; needed beyond loopback." placeholder:"FILE"`
	Data     string  `help:"Folder of real series, for scenarios that name them." placeholder:"DIR" env:"DATA"`
	Packs    string  `help:"Folder with further pack types (*.yaml with *.dbc beside)." placeholder:"DIR"`
	Verbose  bool    `help:"Print what the parts log."`
	alarmFlags
}

// Help is the longer text of "reprise up --help".
func (upCommand) Help() string {
	return "One process: the controller, seven packs over CAN, converters and inverter over Modbus, ten stations over OCPP,\n" +
		"all of them the twin's, and the page. Break it on the page's bench.\n\n" +
		"Example:\n\n  reprise up --http 127.0.0.1:8080 --data-dir data"
}

// Run serves until interrupted.
func (c *upCommand) Run(con *console) error {
	if err := api.CheckBind(c.HTTP, c.Token); err != nil {
		return badInput(err, "")
	}
	if !(c.Speed > 0 && c.Speed <= 1000) {
		return badInput(fmt.Errorf("speed %g", c.Speed), "choose one above 0 and at most 1000")
	}
	types, err := packTypes(c.Packs)
	if err != nil {
		return badInput(err, "")
	}
	sc, err := c.scenario(types)
	if err != nil {
		return readFault(err)
	}
	ways, err := c.ways()
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if c.Verbose {
		log = slog.New(slog.NewTextHandler(con.progress, nil))
	}
	listener, err := new(net.ListenConfig).Listen(con, "tcp", c.HTTP)
	if err != nil {
		return fmt.Errorf("opening %s: %w: choose another address with --http", c.HTTP, err)
	}
	defer func() { _ = listener.Close() }() // the HTTP server has closed it before
	h, err := openHouse(c.DataDir, sc.Unit, sc.Seed, sc.Civil(0))
	if err != nil {
		return err
	}
	f := &front{house: h}
	s, err := newStage(sc, types, h, f, log)
	if err != nil {
		return errors.Join(badInput(err, "correct the scenario"), h.close())
	}
	s.host, s.ways = listener.Addr().String(), ways
	s.setSpeed(c.Speed)
	return errors.Join(c.serve(con, s, listener), h.close())
}

func (c *upCommand) scenario(types config.PackTypes) (*scenario.Scenario, error) {
	if c.Scenario == "" {
		return scenario.ReferenceDay()
	}
	reader := scenario.Reader{Data: c.Data, Types: types}
	return reader.Load(c.Scenario)
}

// serve plays the stage behind its page.
func (c *upCommand) serve(con *console, s *stage, listener net.Listener) error {
	fmt.Fprintf(con.progress, "%s, %s\n", s.sc.Unit.Name, s.sc.About)
	d := door{front: s.front, token: c.Token, listener: listener, options: api.Options{
		Reporter: &hireReporter{unit: s.sc.Unit, zone: s.sc.Civil(0).ZoneOffset, front: s.front}, Bench: &bench{stage: s}, Log: s.log,
	}}
	return d.serve(con, s.run)
}

// alarmFlags say how alarms reach a person. Secrets come from files, never from the command line.
type alarmFlags struct {
	Webhook      string   `help:"Post alarms to this address." placeholder:"URL"`
	WebhookToken string   `name:"webhook-token-file" help:"File with the token for the webhook." placeholder:"FILE"`
	MailServer   string   `help:"Send alarms through the site's mail server." placeholder:"HOST:PORT"`
	MailFrom     string   `help:"Sender of alarm e-mails." placeholder:"ADDRESS"`
	MailTo       []string `help:"Receivers of alarm e-mails." placeholder:"ADDRESS"`
	MailUser     string   `help:"User at the mail server." placeholder:"NAME"`
	MailPassword string   `name:"mail-password-file" help:"File with the password at the mail server." placeholder:"FILE"`
}

func secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", badInput(fmt.Errorf("reading a secret: %w", err), "name a file that can be read")
	}
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	return string(text), nil
}

// ways are the configured ways to reach a person.
func (a *alarmFlags) ways() ([]unit.Way, error) {
	var list []unit.Way
	if a.Webhook != "" {
		token, err := secret(a.WebhookToken)
		if err != nil {
			return nil, err
		}
		list = append(list, &unit.Webhook{URL: a.Webhook, Token: token})
	}
	if a.MailServer == "" {
		return list, nil
	}
	if a.MailFrom == "" || len(a.MailTo) == 0 {
		return nil, badInput(errors.New("a mail server without sender or receiver"), "write --mail-from and --mail-to too")
	}
	password, err := secret(a.MailPassword)
	if err != nil {
		return nil, err
	}
	return append(list, &unit.Mail{Server: a.MailServer, From: a.MailFrom, To: a.MailTo, User: a.MailUser, Password: password}), nil
}
