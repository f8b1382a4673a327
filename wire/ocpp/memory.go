package ocpp

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// Memory connects stations and a central system of one process without a port. Its pipes block durably, so in a
// testing/synctest bubble virtual time passes while everybody waits.
type Memory struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
	mu       sync.Mutex
	remote   net.Addr
}

// NewMemory makes a network on which every peer seems to have the given IP address; "127.0.0.1" passes for this machine.
func NewMemory(peer string) *Memory {
	return &Memory{
		accepted: make(chan net.Conn),
		closed:   make(chan struct{}),
		remote:   &net.TCPAddr{IP: net.ParseIP(peer), Port: 50000},
	}
}

// SetPeer changes the address that later connections seem to come from.
func (m *Memory) SetPeer(peer string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remote = &net.TCPAddr{IP: net.ParseIP(peer), Port: 50000}
}

// Serve answers with handler until stop is called. stop ends the listener, not the connections that were upgraded: close
// the central system first.
func (m *Memory) Serve(handler http.Handler) (stop func()) {
	server := &http.Server{Handler: handler}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		_ = server.Serve(m) // always ends with an error, that of Close
	}()
	return func() {
		_ = server.Close()
		<-finished
	}
}

// Client is an HTTP client whose connections end at the listener.
func (m *Memory) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return m.Dial(ctx)
		},
	}}
}

// Dial makes one connection.
func (m *Memory) Dial(ctx context.Context) (net.Conn, error) {
	left, right := net.Pipe()
	near, far := newMemoryConn(left, m.Addr()), newMemoryConn(right, m.Addr())
	var err error
	select {
	case m.accepted <- far:
		return near, nil
	case <-m.closed:
		err = net.ErrClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = near.Close()
	_ = far.Close()
	return nil, err
}

// Accept returns the next connection.
func (m *Memory) Accept() (net.Conn, error) {
	select {
	case accepted := <-m.accepted:
		return accepted, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener.
func (m *Memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

// Addr is the address from which connections seem to come.
func (m *Memory) Addr() net.Addr {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.remote
}
