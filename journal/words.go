package journal

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// wordKind says how a changed word is written.
type wordKind uint8

const (
	wordBits wordKind = iota // as it is: IEEE bits
	wordTime                 // a moment: distance from now
	wordCode                 // a small number: an enumeration, a flag, a counter
)

// words is a flat image of a tick. The same list of fields serves both
// directions, so nothing can be written that is not read.
type words struct {
	list  []uint64
	kinds []wordKind // filled while learning
	next  int
	load  bool // from list into the fields
	learn bool // append to list and kinds instead
}

func (w *words) word(x uint64, kind wordKind) uint64 {
	if w.learn {
		w.list, w.kinds = append(w.list, x), append(w.kinds, kind)
		return x
	}
	if w.load {
		x = w.list[w.next]
	} else {
		w.list[w.next] = x
	}
	w.next++
	return x
}

func float[T si.Number](w *words, x *T) {
	y := w.word(math.Float64bits(float64(*x)), wordBits)
	if w.load {
		*x = T(math.Float64frombits(y))
	}
}

func moment(w *words, x *bess.Instant) {
	y := w.word(uint64(*x), wordTime)
	if w.load {
		*x = bess.Instant(y)
	}
}

func code[T ~uint8 | ~uint32 | ~int32 | ~uint64 | ~int64](w *words, x *T) {
	y := w.word(uint64(*x), wordCode)
	if w.load {
		*x = T(y)
	}
}

// truth packs flags into one word.
func truth(w *words, flags ...*bool) {
	x := uint64(0)
	for i, f := range flags {
		if *f {
			x |= 1 << i
		}
	}
	x = w.word(x, wordCode)
	if w.load {
		for i, f := range flags {
			*f = x>>i&1 == 1
		}
	}
}

func reading[T si.Number](w *words, r *bess.Reading[T]) {
	float(w, &r.Value)
	moment(w, &r.At)
	code(w, &r.Quality)
}

func phases[T si.Number](w *words, r *[3]bess.Reading[T]) {
	reading(w, &r[0])
	reading(w, &r[1])
	reading(w, &r[2])
}

func flag(w *words, f *bess.Flag) {
	code(w, &f.State)
	moment(w, &f.At)
}

func (w *words) civil(c *bess.Civil) {
	code(w, &c.UnixMilli)
	code(w, &c.ZoneOffset)
	code(w, &c.Trust)
}

func (w *words) lease(l *bess.Lease) {
	code(w, &l.By)
	moment(w, &l.Until)
}
