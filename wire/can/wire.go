package can

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Wire is a virtual CAN bus in memory: what one node sends, every other node receives, in one order. It has no bit rate
// and no arbitration. Nodes may come and go. The zero value is ready to use.
type Wire struct {
	mutex sync.Mutex
	nodes []*Node
}

// Node is one end of a Wire.
type Node struct {
	wire     *Wire
	incoming *queue
}

var _ Bus = (*Node)(nil)

// Attach adds a node that holds up to depth frames for its reader; a depth below 1 means [DefaultDepth].
func (w *Wire) Attach(depth int) *Node {
	node := &Node{wire: w, incoming: newQueue(depth)}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.nodes = append(w.nodes, node)
	return node
}

// Send hands the frame to every other node.
func (n *Node) Send(frame Frame) error {
	if err := checkFrame(frame); err != nil {
		return fmt.Errorf("sending on a virtual CAN bus: %w", err)
	}
	arrival := Arrival{Frame: frame, At: time.Now()}
	n.wire.mutex.Lock()
	defer n.wire.mutex.Unlock()
	if !slices.Contains(n.wire.nodes, n) {
		return ErrClosed
	}
	for _, other := range n.wire.nodes {
		if other != n {
			_ = other.incoming.push(arrival) // a node that has just been closed wants nothing
		}
	}
	return nil
}

// Receive implements Bus.
func (n *Node) Receive(ctx context.Context) (Arrival, error) { return n.incoming.take(ctx) }

// Close takes the node off the wire. Closing twice is harmless.
func (n *Node) Close() error {
	n.wire.mutex.Lock()
	n.wire.nodes = slices.DeleteFunc(n.wire.nodes, func(other *Node) bool { return other == n })
	n.wire.mutex.Unlock()
	n.incoming.finish(ErrClosed)
	return nil
}

// Losses implements Bus.
func (n *Node) Losses() Losses { return Losses{Received: n.incoming.losses()} }
