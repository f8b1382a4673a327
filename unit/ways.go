package unit

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/mail"
	"net/smtp"
	"net/url"
	"strings"
	"time"
)

// Webhook posts an alarm as JSON. The token goes into the Authorization header
// and nowhere else.
type Webhook struct {
	URL    string
	Token  string       // secret; empty: none
	Client *http.Client // default: http.DefaultClient; the call has its own time limit
}

// Name is the host that is called: an address may hold secrets in its path.
func (w *Webhook) Name() string {
	if u, err := url.Parse(w.URL); err == nil && u.Host != "" {
		return "webhook " + u.Host
	}
	return "webhook"
}

// Send posts the message; any answer but 2xx is an error.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("calling %s: %w", w.Name(), err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("calling %s: its address is not one: check it", w.Name())
	}
	request.Header.Set("Content-Type", "application/json")
	if w.Token != "" {
		request.Header.Set("Authorization", "Bearer "+w.Token)
	}
	client := w.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("calling %s: %w", w.Name(), withoutAddress(err))
	}
	defer func() { _ = response.Body.Close() }()                      // it was read
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("calling %s: it answered %s: check its address and token", w.Name(), response.Status)
	}
	return nil
}

// withoutAddress keeps the whole URL, which may hold a secret, out of logs.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Mail sends an alarm through the site's own mail server.
type Mail struct {
	Server   string // host:port
	From     string
	To       []string
	User     string // empty: without a login
	Password string // secret
	TLS      *tls.Config
	Dial     func(ctx context.Context, network, address string) (net.Conn, error) // default: TCP
}

// Name is the server and the people.
func (m *Mail) Name() string { return "e-mail to " + strings.Join(m.To, ", ") }

// Send sends the message. A login is only used over TLS.
func (m *Mail) Send(ctx context.Context, a Message) error {
	if err := m.send(ctx, a); err != nil {
		return fmt.Errorf("sending %s through %s: %w", m.Name(), m.Server, err)
	}
	return nil
}

func (m *Mail) send(ctx context.Context, a Message) error {
	text, err := m.compose(a)
	if err != nil {
		return err
	}
	dial := m.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", m.Server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // Quit has ended it; after an error nothing more can be said
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil {
		return err
	}
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := m.login(client, host); err != nil {
		return err
	}
	if err := client.Mail(m.From); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := client.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return client.Quit()
}

func (m *Mail) login(client *smtp.Client, host string) error {
	if ok, _ := client.Extension("STARTTLS"); ok {
		config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
		if m.TLS != nil {
			config = m.TLS
		}
		if err := client.StartTLS(config); err != nil {
			return err
		}
	} else if m.User != "" {
		return errors.New("the server offers no TLS, and a password is not sent in the clear: use its TLS port or no login")
	}
	if m.User == "" {
		return nil
	}
	return client.Auth(smtp.PlainAuth("", m.User, m.Password, host))
}

// compose writes the mail: the four lines of an alarm.
func (m *Mail) compose(a Message) ([]byte, error) {
	for _, address := range append([]string{m.From}, m.To...) {
		if _, err := mail.ParseAddress(address); err != nil {
			return nil, fmt.Errorf("the address %q is not one: %w", address, err)
		}
	}
	subject := fmt.Sprintf("%s: %s (%s)", a.Unit, a.What, a.Where)
	switch {
	case a.Test:
		subject = a.Unit + ": test of the alarms"
	case a.Ended:
		subject = a.Unit + ": ended: " + a.What + " (" + a.Where + ")"
	}
	var b bytes.Buffer
	header := func(key, value string) { fmt.Fprintf(&b, "%s: %s\r\n", key, value) }
	header("From", m.From)
	header("To", strings.Join(m.To, ", "))
	header("Subject", mime.QEncoding.Encode("utf-8", strings.Map(oneLine, subject)))
	header("Date", a.At.Format(time.RFC1123Z))
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "8bit")
	b.WriteString("\r\n")
	for _, line := range []struct{ name, text string }{
		{"What", a.What}, {"Where", a.Where}, {"The unit did", a.Did}, {"You may", a.MayDo}, {"Level", a.Level},
		{"When", a.At.Format("2006-01-02 15:04:05 -0700")}, {"Unit", a.Unit + ", " + a.Site},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", line.name, strings.Map(oneLine, line.text))
	}
	return b.Bytes(), nil
}

// oneLine keeps a text from breaking out of its line.
func oneLine(r rune) rune {
	if r == '\r' || r == '\n' {
		return ' '
	}
	return r
}
