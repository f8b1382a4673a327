package can

import (
	"context"
	"sync"
)

// queue is a bounded queue that loses its oldest entry rather than making the writer wait.
type queue struct {
	mutex sync.Mutex
	ring  []Arrival
	head  int
	count int
	lost  uint64
	end   error         // why nothing can be pushed any more; nil while open
	ready chan struct{} // holds a token while there may be something to take
}

func newQueue(depth int) *queue {
	if depth < 1 {
		depth = DefaultDepth
	}
	return &queue{ring: make([]Arrival, depth), ready: make(chan struct{}, 1)}
}

// push adds an entry, at the cost of the oldest when full, and returns why the queue has ended, if it has.
func (q *queue) push(arrival Arrival) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.end != nil {
		return q.end
	}
	if q.count == len(q.ring) {
		q.head = (q.head + 1) % len(q.ring)
		q.count--
		q.lost++
	}
	q.ring[(q.head+q.count)%len(q.ring)] = arrival
	if q.count++; q.count == 1 {
		q.wake() // while there was something before, the token lies there, or who has it puts it back
	}
	return nil
}

// poll returns the oldest entry if there is one, without waiting.
func (q *queue) poll() (Arrival, bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.count == 0 {
		return Arrival{}, false
	}
	return q.pop(), true
}

// pop takes the oldest entry off.
func (q *queue) pop() Arrival {
	arrival := q.ring[q.head]
	if q.head++; q.head == len(q.ring) {
		q.head = 0
	}
	q.count--
	return arrival
}

// take returns the oldest entry, or waits. What was pushed before the end can still be taken.
func (q *queue) take(ctx context.Context) (Arrival, error) {
	for {
		q.mutex.Lock()
		if q.count > 0 {
			arrival := q.pop()
			if q.count > 0 || q.end != nil {
				q.wake() // for another receiver
			}
			q.mutex.Unlock()
			return arrival, nil
		}
		if q.end != nil {
			q.wake()
			q.mutex.Unlock()
			return Arrival{}, q.end
		}
		q.mutex.Unlock()
		select {
		case <-ctx.Done():
			return Arrival{}, ctx.Err()
		case <-q.ready:
		}
	}
}

// takeMore fills dst with what waits, without waiting, and returns how many.
func (q *queue) takeMore(dst []Arrival) int {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	n := min(len(dst), q.count)
	for i := range n {
		dst[i] = q.ring[(q.head+i)%len(q.ring)]
	}
	q.head = (q.head + n) % len(q.ring)
	q.count -= n
	return n
}

// idle tells whether there is nothing to take while something may still come.
func (q *queue) idle() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.count == 0 && q.end == nil
}

// finish ends the queue; the first reason stays.
func (q *queue) finish(reason error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.end == nil {
		q.end = reason
		q.wake()
	}
}

// ended tells whether finish was called.
func (q *queue) ended() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.end != nil
}

// losses is the number of entries that were lost.
func (q *queue) losses() uint64 {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.lost
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}
