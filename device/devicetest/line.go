package devicetest

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Pipe is a line of net.Pipe connections: the driver dials, every far end is served. It begins restored.
type Pipe struct {
	serve func(net.Conn)

	mutex sync.Mutex
	cut   bool
	clog  bool
	ends  []net.Conn
	calls []time.Time
	idle  []net.Conn // far ends that nobody serves
}

// NewPipe makes a line whose far ends are served by serve, each in its own goroutine.
func NewPipe(serve func(net.Conn)) *Pipe { return &Pipe{serve: serve} }

var errCut = errors.New("the line is cut")

// Dial opens a connection.
func (p *Pipe) Dial(context.Context) (net.Conn, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.cut {
		p.calls = append(p.calls, time.Now())
		return nil, errCut
	}
	near, far := net.Pipe()
	p.ends = append(p.ends, near, far)
	if p.clog {
		p.idle = append(p.idle, far)
		return near, nil
	}
	go p.serve(far)
	return near, nil
}

// Cut ends every connection and refuses new ones, whose times it notes.
func (p *Pipe) Cut() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.cut, p.calls = true, nil
	p.end()
}

func (p *Pipe) end() {
	for _, c := range p.ends {
		_ = c.Close()
	}
	p.ends = nil
}

// Restore lets connections be made again.
func (p *Pipe) Restore() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.cut, p.clog = false, false
	p.end()
}

// Clog ends every connection; new ones are made, and nobody reads or writes at their far end.
func (p *Pipe) Clog() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.clog = true
	p.end()
}

// Calls are the times at which somebody called while the line was cut.
func (p *Pipe) Calls() []time.Time {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.calls
}

// Close ends every connection for good.
func (p *Pipe) Close() { p.Cut() }
