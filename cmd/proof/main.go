// Command proof measures what the house claims: each proof is a subcommand that runs the real code on real or seeded
// input, prints a table, and writes rows to OUT/NAME.json. "gate" compares those rows with the committed ones. A proof
// that missed its bar still ran: its row says so, and only the gate turns that into a failure.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// proofs is every measurement there is, by the name that "make NAME" uses. A proof enters this list when its work
// exists, as one line here and one file beside this one.
func proofs() map[string]proof {
	return map[string]proof{
		"storm": {about: "fault campaigns on random units: is every promise kept?", run: proveStorm},
		"real":  {about: "the four stories on real measured series: does every account close?", run: proveReal},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, proofs(), os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
