// Package ocpptest connects stations and a central system in memory, so that tests run them in a testing/synctest bubble:
// net.Pipe blocks durably, hence virtual time passes while everybody waits.
package ocpptest

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// Network is a listener and the dialler that reaches it.
type Network struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
	remote   net.Addr
}

// NewNetwork makes a network on which every peer seems to have the given IP address; "127.0.0.1" passes for this machine.
func NewNetwork(peer string) *Network {
	return &Network{
		accepted: make(chan net.Conn),
		closed:   make(chan struct{}),
		remote:   &net.TCPAddr{IP: net.ParseIP(peer), Port: 50000},
	}
}

// Serve answers with handler until stop is called. stop ends the listener, not the connections that were upgraded: close
// the central system first.
func (n *Network) Serve(handler http.Handler) (stop func()) {
	server := &http.Server{Handler: handler}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		_ = server.Serve(n) // always ends with an error, that of Close
	}()
	return func() {
		_ = server.Close()
		<-finished
	}
}

// Client is an HTTP client whose connections end at the listener.
func (n *Network) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return n.Dial(ctx)
		},
	}}
}

// Dial makes one connection.
func (n *Network) Dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case n.accepted <- &conn{Conn: far, remote: n.remote}:
		return near, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept returns the next connection.
func (n *Network) Accept() (net.Conn, error) {
	select {
	case accepted := <-n.accepted:
		return accepted, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener.
func (n *Network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr is the listener's address.
func (n *Network) Addr() net.Addr { return n.remote }

// conn is a pipe end with the address of a peer.
type conn struct {
	net.Conn
	remote net.Addr
}

// RemoteAddr is the peer's address.
func (c *conn) RemoteAddr() net.Addr { return c.remote }
