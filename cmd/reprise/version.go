package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCommand prints the build's identity: the first thing that a fault report needs, and the part of a journal's
// header that decides whether a replay can give the same bits.
type versionCommand struct {
	JSON bool `help:"Print one JSON object instead of text."`
}

// Help is the longer text of "reprise version --help".
func (versionCommand) Help() string {
	return "Example:\n\n  reprise version --json"
}

// buildIdentity is what the linker and the version control stamped into this executable; empty means not stamped.
type buildIdentity struct {
	Version  string `json:"version"`  // module version, "(devel)" for a build from a working tree
	Revision string `json:"revision"` // commit, with "+changes" when the tree was not clean
	Time     string `json:"time"`     // commit time, RFC 3339
	Go       string `json:"go"`       // compiler
	Platform string `json:"platform"` // operating system and architecture, "linux/amd64"
	GOAMD64  string `json:"goamd64"`  // instruction set level; v1 never fuses multiply and add
}

// Run prints the identity.
func (c *versionCommand) Run(con *console) error {
	id := readBuildIdentity()
	if c.JSON {
		return json.NewEncoder(con.out).Encode(id)
	}
	_, err := fmt.Fprintf(con.out, "reprise %s\nrevision  %s\ncommitted %s\ncompiler  %s\nplatform  %s\nGOAMD64   %s\n",
		id.Version, orNotStamped(id.Revision), orNotStamped(id.Time), id.Go, id.Platform, orNotStamped(id.GOAMD64))
	return err
}

func orNotStamped(s string) string {
	if s == "" {
		return "(not stamped)"
	}
	return s
}

func readBuildIdentity() buildIdentity {
	id := buildIdentity{Version: "(unknown)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return id
	}
	id.Version = info.Main.Version
	changed := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			id.Revision = s.Value
		case "vcs.time":
			id.Time = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+changes"
			}
		case "GOAMD64":
			id.GOAMD64 = s.Value
		}
	}
	if id.Revision != "" {
		id.Revision += changed
	}
	return id
}
