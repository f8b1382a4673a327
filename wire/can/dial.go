package can

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// helloPeriod is how often a UDP end that may only listen shows its address to the other side.
const helloPeriod = 5 * time.Second

// Dialer opens buses by address. The zero value knows no memory buses.
type Dialer struct {
	// Memory holds the virtual buses that "memory:NAME" may name.
	Memory map[string]*Wire
	// Pace is how often a byte stream is looked at, at most; 0 means that every frame is taken as it comes. Such a stream is
	// read by whoever receives, and the kernel is asked not to wake this process for single frames: a controller that sleeps
	// in between lives longer on its battery. The stamp of a frame is then that of the look before the one that found it,
	// so nothing looks fresher than it is, but older by up to the time between two looks. A peer that went away is noticed at
	// a look or by sending. Datagrams and CAN interfaces are always read at once.
	Pace time.Duration
	// Depth is the number of frames held for a slow reader; below 1 means [DefaultDepth].
	Depth int
}

// Dial opens one of
//
//	tcp://host:port     16-byte SocketCAN frames over TCP, as [Wire.Serve] speaks
//	udp://host:port     the same, one or more frames a datagram, as [Wire.ServePackets] speaks
//	socketcan://can0    a CAN interface of this Linux machine
//	memory:name         a virtual bus of the Dialer
//
// The context bounds the dialling only. Errors say what to look at.
func (d Dialer) Dial(ctx context.Context, address string) (Bus, error) {
	fail := func(err error) (Bus, error) { return nil, fmt.Errorf("opening CAN bus %q: %w", address, err) }
	where, err := url.Parse(address)
	if err != nil {
		return fail(err)
	}
	switch where.Scheme {
	case "tcp", "udp":
		if where.Port() == "" || where.Path != "" {
			return fail(fmt.Errorf("want %s://host:port", where.Scheme))
		}
		conn, err := new(net.Dialer).DialContext(ctx, where.Scheme, where.Host)
		if err != nil {
			return fail(err)
		}
		if where.Scheme == "udp" {
			return newGreeter(conn, d.Depth), nil
		}
		return startLink(&link{conn: conn, pace: d.Pace}, d.Depth), nil
	case "socketcan":
		if where.Host == "" || where.Path != "" {
			return fail(errors.New("want socketcan://interface, such as socketcan://can0"))
		}
		conn, err := dialSocketCAN(ctx, where.Host)
		if err != nil {
			return fail(err)
		}
		return NewPackets(conn, d.Depth), nil
	case "memory":
		name := where.Opaque
		if name == "" {
			name = where.Host
		}
		wire, ok := d.Memory[name]
		if !ok {
			return fail(fmt.Errorf("no virtual bus is called %q", name))
		}
		return wire.Attach(d.Depth), nil
	}
	return fail(errors.New("want tcp://host:port, udp://host:port, socketcan://interface or memory:name"))
}

// greeter is a UDP link that sends an empty datagram at once and every few seconds, so that the server knows where to
// send frames even when this end only listens.
type greeter struct {
	*link
	stop chan struct{}
	once sync.Once
	done chan struct{}
}

func newGreeter(conn net.Conn, depth int) *greeter {
	g := &greeter{link: newLink(conn, true, depth), stop: make(chan struct{}), done: make(chan struct{})}
	go g.greet()
	return g
}

func (g *greeter) greet() {
	defer close(g.done)
	ticker := time.NewTicker(helloPeriod)
	defer ticker.Stop()
	for {
		_, _ = g.conn.Write(nil) // a lost greeting is made up for by the next
		select {
		case <-g.stop:
			return
		case <-ticker.C:
			if g.outgoing.ended() {
				return
			}
		}
	}
}

// Close implements Bus.
func (g *greeter) Close() error {
	g.once.Do(func() { close(g.stop) })
	<-g.done
	return g.link.Close()
}

// passing tells whether a datagram error is over by itself: nobody listens at the other end just now, or the queue of the
// CAN interface is full.
func passing(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOBUFS)
}
