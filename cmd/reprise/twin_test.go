package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
	"reprise/device"
	"reprise/unit"
	"reprise/wire/can"
)

// packSays is a plausible view of a pack of a type.
func packSays(d *config.PackDescription) bess.PackView {
	volts := (d.Evidence.VoltsMin + d.Evidence.VoltsMax) / 2
	return bess.PackView{
		Volts: bess.Of(volts, 0), LinkVolts: bess.Of[si.Volts](volts-2, 0), Current: bess.Of[si.Amps](42.5, 0),
		SoC: bess.Of[si.Ratio](0.63, 0), SoCLow: bess.Of[si.Ratio](0.62, 0), SoCHigh: bess.Of[si.Ratio](0.64, 0), SoH: bess.Of[si.Ratio](0.78, 0),
		Available: bess.Of[si.WattHours](7500, 0), CellHigh: bess.Of[si.Volts](3.81, 0), CellLow: bess.Of[si.Volts](3.79, 0),
		Hot: bess.Of[si.Celsius](27, 0), Cold: bess.Of[si.Celsius](24, 0), Average: bess.Of[si.Celsius](25, 0),
		Discharge: bess.Of[si.Watts](20e3, 0), Charge: bess.Of[si.Watts](10e3, 0), DischargePeak: bess.Of[si.Watts](30e3, 0), ChargePeak: bess.Of[si.Watts](15e3, 0),
		Contactor: bess.FlagOf(true, 0), Interlock: bess.FlagOf(true, 0), Precharging: bess.FlagOf(false, 0),
		IsolationLow: bess.FlagOf(false, 0), OpenNow: bess.FlagOf(false, 0), NoCharge: bess.FlagOf(true, 0),
	}
}

// record is what a pack of a type says within a time, as a candump log.
func record(t *testing.T, d *config.PackDescription, serial string, span time.Duration) []byte {
	t.Helper()
	table, err := unit.PackTable(d)
	if err != nil {
		t.Fatal(err)
	}
	var log []byte
	synctest.Test(t, func(t *testing.T) {
		node, err := device.NewPackNode(table, serial)
		if err != nil {
			t.Fatal(err)
		}
		node.Publish(packSays(d), true)
		ctx, stop := context.WithTimeout(t.Context(), span)
		defer stop()
		wire := &can.Wire{}
		ear := wire.Attach(100000)
		_ = node.Run(ctx, wire.Attach(0))
		synctest.Wait()
		done, end := context.WithCancel(t.Context())
		end()
		for {
			arrival, err := ear.Receive(done)
			if err != nil {
				return
			}
			log = can.AppendRecord(log, can.Record{At: arrival.At, Interface: "can0", Frame: arrival.Frame})
		}
	})
	return log
}

// TestEveryDecoderAgainstEveryLog is the field's best test of pack decoders: each reads its own recording rightly, and
// says "unknown", never plausible numbers, to that of an unrelated family; a relative is never taken for its own.
func TestEveryDecoderAgainstEveryLog(t *testing.T) {
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, speaker := range types.Names() {
		said := types[speaker]
		log := record(t, &said, "SER00001", 4*time.Second)
		for _, reader := range types.Names() {
			d := types[reader]
			table, err := unit.PackTable(&d)
			if err != nil {
				t.Fatal(err)
			}
			result, err := readLog(strings.NewReader(string(log)), table, "")
			if err != nil {
				t.Fatal(err)
			}
			got := result.view.Identity
			switch {
			case speaker == reader:
				own(t, speaker, &said, &result)
			case d.Type.Family != said.Type.Family:
				if got != bess.Unidentified || result.view.Volts.Quality != bess.Missing || result.view.Contactor.State != bess.Unknown {
					t.Errorf("the %s decoder takes a %s for %v with %v", reader, speaker, got, result.view.Volts)
				}
			case got == bess.Confirmed || got == bess.Unidentified:
				t.Errorf("the %s decoder takes its relative %s for %v", reader, speaker, got)
			}
		}
	}
}

// own compares what a type's own decoder read with what the pack said.
func own(t *testing.T, name string, d *config.PackDescription, result *logResult) {
	t.Helper()
	if result.view.Identity != bess.Confirmed || result.counts.BadChecksum+result.counts.WrongLength+result.counts.StuckCounter+result.counts.OutOfRange != 0 {
		t.Errorf("%s takes itself for %v, counts %+v", name, result.view.Identity, result.counts)
	}
	want := packSays(d)
	if si.Abs(result.view.Volts.Value-want.Volts.Value) > 1 || si.Abs(result.view.Current.Value-want.Current.Value) > 0.5 ||
		si.Abs(result.view.SoC.Value-want.SoC.Value) > 0.006 || si.Abs(result.view.Discharge.Value-want.Discharge.Value) > 130 {
		t.Errorf("%s reads %v, %v, %v, %v", name, result.view.Volts.Value, result.view.Current.Value, result.view.SoC.Value, result.view.Discharge.Value)
	}
	if d.Type.Closing == bess.ClosingCAN && result.view.Contactor.State != bess.Yes {
		t.Errorf("%s reads its contactor as %v", name, result.view.Contactor)
	}
	if len(d.Evidence.Serial) > 0 && !strings.HasPrefix("SER00001", result.serial) || len(d.Evidence.Serial) > 0 && result.serial == "" {
		t.Errorf("%s reads its serial as %q", name, result.serial)
	}
}

func TestReplay(t *testing.T) {
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	l405 := types["l405"]
	log := record(t, &l405, "", 3*time.Second)
	log = append(log, "this is no frame\n"...)
	file := filepath.Join(t.TempDir(), "l405.log")
	if err := os.WriteFile(file, log, 0o600); err != nil {
		t.Fatal(err)
	}
	out, progress, code := runCLI(t, "twin", "--replay", file, "--type", "l405")
	for _, want := range []string{"confirmed", "42.5 A", "63 %", "unreadable lines     1", "nobody published"} {
		if !strings.Contains(out, want) {
			t.Errorf("the replay lacks %q", want)
		}
	}
	if code != exitOK || t.Failed() {
		t.Errorf("code %d, said %q, printed\n%s", code, progress, out)
	}
	out, _, code = runCLI(t, "twin", "--replay", file)
	if code != exitOK || strings.Count(out, "\n") != len(types) || strings.Count(out, " confirmed") != 1 {
		t.Errorf("without a type: code %d, printed\n%s", code, out)
	}
	for _, args := range [][]string{{"twin"}, {"twin", "--replay", "nowhere.log"}, {"twin", "--replay", file, "--type", "none"}, {"twin", "--unit", "nowhere.yaml"}, {"twin", "--unit", file}} {
		if _, _, code := runCLI(t, args...); code != exitBadInput {
			t.Errorf("reprise %s: code %d", strings.Join(args, " "), code)
		}
	}
}
