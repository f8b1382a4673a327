package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"
)

// notifier tells a service manager how the service is, by the protocol of sd_notify(3): ready with the first tick, then a
// sign of life while the loop ticks. Without a manager it is silent.
type notifier struct {
	conn  net.Conn      // nil: nobody listens
	every time.Duration // of the signs of life; 0: none is wanted
	ticks atomic.Uint64
	first chan struct{} // capacity 1
}

// newNotifier reads NOTIFY_SOCKET and WATCHDOG_USEC.
func newNotifier(environment func(string) string) (*notifier, error) {
	n := &notifier{first: make(chan struct{}, 1)}
	socket := environment("NOTIFY_SOCKET")
	if socket == "" {
		return n, nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("reaching the service manager at NOTIFY_SOCKET: %w", err)
	}
	n.conn = conn
	if us, err := strconv.ParseInt(environment("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		n.every = time.Duration(us) * time.Microsecond / 3
	}
	return n, nil
}

// beat counts a tick of the loop. It never waits.
func (n *notifier) beat() {
	if n.ticks.Add(1) == 1 {
		n.first <- struct{}{} // there is room for the one
	}
}

// run tells until ctx ends. A loop that stands still is not covered up: no sign of life is sent for it.
func (n *notifier) run(ctx context.Context) {
	if n.conn == nil {
		return
	}
	defer n.say("STOPPING=1")
	select {
	case <-ctx.Done():
		return
	case <-n.first:
		n.say("READY=1")
	}
	if n.every == 0 {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(n.every)
	defer ticker.Stop()
	for last := uint64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if now := n.ticks.Load(); now != last {
				last = now
				n.say("WATCHDOG=1")
			}
		}
	}
}

// say writes one datagram; a manager that does not take it within a second loses it.
func (n *notifier) say(word string) {
	_ = n.conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = n.conn.Write([]byte(word))
}

func (n *notifier) close() {
	if n.conn != nil {
		_ = n.conn.Close()
	}
}
