package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"reprise/guard"
	"reprise/twin/serve"
)

// guarded keeps a guard running beside the controller until ctx ends: a process of its own, from a limits file of its
// own, on connections of its own. It ends with this process, whatever becomes of it, because its input ends.
func (s *stage) guarded(ctx context.Context, at serve.Addresses) {
	if err := s.guardOnce(ctx, at); err != nil && ctx.Err() == nil {
		s.log.Error("there is no guard: the hold-in lacks its half and nothing will run", "fault", err.Error())
	}
}

func (s *stage) guardOnce(ctx context.Context, at serve.Addresses) error {
	limits, err := guardLimits(s.sc.Unit, s.tables)
	if err != nil {
		return err
	}
	addresses := append([]string{at.IO}, at.Packs...)
	program, err := os.Executable()
	if err != nil || strings.HasSuffix(program, ".test") { // a test is no program that could be started as a guard
		log := &guardLog{limits: limits, out: io.Discard}
		return guard.Run(ctx, guard.Options{Limits: limits, Channels: guardChannels(addresses), Tell: log.tell})
	}
	folder, err := os.MkdirTemp("", "reprise-guard-")
	if err != nil {
		return fmt.Errorf("writing guard limits: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder that stays harms nobody
	file := filepath.Join(folder, "limits")
	if err := writeLimits(file, limits); err != nil {
		return err
	}
	for ctx.Err() == nil {
		err := guardProcess(ctx, s.log, program, "guard", "--until-input-ends", "--limits", file, "--can", strings.Join(addresses, ","))
		if ctx.Err() == nil {
			s.log.Warn("the guard ended and is started again", "fault", fmt.Sprint(err))
		}
		pause(ctx, 200*time.Millisecond)
	}
	return nil
}

// guardProcess is one life of a guard's process.
func guardProcess(ctx context.Context, log *slog.Logger, program string, args ...string) error {
	process := exec.CommandContext(ctx, program, args...)
	process.WaitDelay = time.Second
	process.Stdout, process.Stderr = guardVoice{log}, guardVoice{log}
	stdin, err := process.StdinPipe()
	if err != nil {
		return fmt.Errorf("starting the guard: %w", err)
	}
	defer func() { _ = stdin.Close() }() // Wait has closed it before
	if err := process.Start(); err != nil {
		return fmt.Errorf("starting the guard: %w", err)
	}
	return process.Wait()
}

// guardVoice passes the guard's lines on to the log.
type guardVoice struct{ log *slog.Logger }

func (v guardVoice) Write(text []byte) (int, error) {
	v.log.Info("guard: " + strings.TrimSpace(string(text)))
	return len(text), nil
}
