package storm

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	first, _ := strconv.Atoi(os.Getenv("FIRST"))
	if n == 0 {
		t.Skip()
	}
	begin := time.Now()
	r, err := Campaign(context.Background(), uint64(first), n, 2, func(*Report) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		fmt.Printf("%d %s @%d %s\n", f.Seed, f.Checker, f.At/1000, f.What)
	}
	fmt.Println(r.Days(), time.Since(begin), r.Faults, r.Least, r.By())
}
