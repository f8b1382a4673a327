package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"reprise/api"
	"reprise/web"
)

// door is the one HTTP address of a unit: page, API, and the charging stations' central system.
type door struct {
	front    *front
	options  api.Options // without what every door has in common
	token    string      // file with the token; empty: none
	listener net.Listener
}

// goodbye is how long streams and the machine may take to end in order.
const goodbye = 3 * time.Second

// serve opens the page at once and lets the machine come up behind it; it ends with the machine, or when it is asked to.
func (d *door) serve(con *console, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(con)
	defer cancel()
	o := d.options
	o.Machine, o.Chronicle, o.Books, o.Alarms, o.Page = d.front, d.front, d.front, d.front, web.FS()
	o.Explainer = d.front
	if d.token != "" {
		var err error
		if o.Token, err = api.ReadToken(d.token); err != nil {
			return badInput(err, "")
		}
	}
	server, err := api.New(o)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/ocpp/{station}", d.front.serveStations)
	mux.Handle("/", fromPanel(server))
	web := server.HTTP()
	web.Handler = mux
	web.BaseContext = func(net.Listener) context.Context { return ctx }
	served := aside(func() error { return web.Serve(d.listener) })
	fmt.Fprintf(con.out, "The page: http://%s\n", d.listener.Addr())
	ran := aside(func() error { return run(ctx) })
	over := false
	select {
	case err = <-ran:
		over = true
	case err = <-served:
	case <-con.Done():
		fmt.Fprintln(con.progress, "\nstopping")
	}
	cancel()
	quiet, stop := context.WithTimeout(context.Background(), goodbye)
	defer stop()
	if web.Shutdown(quiet) != nil {
		_ = web.Close() // streams that did not end by themselves
	}
	if !over {
		select {
		case last := <-ran:
			err = errors.Join(unlessAsked(err), last)
		case <-quiet.Done():
		}
	}
	return unlessAsked(err)
}

// unlessAsked is an error, but not that somebody asked for the end.
func unlessAsked(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
