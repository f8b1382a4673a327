package ledger

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
)

// chain is a small ledger whose sums and hashes hold.
func chain() []bess.Entry {
	legs := [][]bess.Leg{
		{{Kind: bess.AccountFeeder, Index: 1, MilliWattHour: -1200, Milligram: -250}, {Kind: bess.AccountPack, Index: 3, MilliWattHour: 1150, Milligram: 250}, {Kind: bess.AccountLoss, MilliWattHour: 40}, {Kind: bess.AccountUnmeasured, MilliWattHour: 10}},
		nil,
		{{Kind: bess.AccountUnmeasured}},
	}
	var entries []bess.Entry
	at, head := bess.Civil{UnixMilli: 1_620_000_000_000, ZoneOffset: 3600, Trust: bess.TrustHigh}, [32]byte{}
	for i, l := range legs {
		next := at
		next.UnixMilli += int64(Period)
		e := bess.Entry{Number: uint64(i + 1), From: at, To: next, Legs: l, Note: bess.EntryNote(i), Prev: head}
		e.Hash = Hash(&e)
		at, head = next, e.Hash
		entries = append(entries, e)
	}
	return entries
}

func TestCSVReturnsWhatWasWritten(t *testing.T) {
	var b bytes.Buffer
	want := chain()
	if err := WriteCSV(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadCSV(&b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
	}
	for i := range got {
		if Hash(&got[i]) != got[i].Hash {
			t.Errorf("entry %d: its hash cannot be recomputed from the export", got[i].Number)
		}
	}
}

func TestCSVOfNothing(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadCSV(&b); err != nil || len(got) != 0 {
		t.Errorf("%v, %d entries", err, len(got))
	}
}

func TestCSVRandomEntriesReturn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		civil := rapid.Custom(func(t *rapid.T) bess.Civil {
			return bess.Civil{UnixMilli: rapid.Int64().Draw(t, "ms"), ZoneOffset: rapid.Int32().Draw(t, "zone"), Trust: bess.Trust(rapid.IntRange(0, 2).Draw(t, "trust"))}
		})
		leg := rapid.Custom(func(t *rapid.T) bess.Leg {
			return bess.Leg{
				Kind: bess.AccountKind(rapid.IntRange(0, int(bess.AccountUnmeasured)).Draw(t, "kind")), Index: int(rapid.Int32().Draw(t, "index")),
				MilliWattHour: rapid.Int64().Draw(t, "mwh"), Milligram: rapid.Int64().Draw(t, "mg"),
			}
		})
		number := rapid.Uint64Range(0, 1<<40).Draw(t, "number")
		var want []bess.Entry
		for i := range rapid.IntRange(0, 4).Draw(t, "entries") {
			e := bess.Entry{Number: number + uint64(i), From: civil.Draw(t, "from"), To: civil.Draw(t, "to"), Note: bess.EntryNote(rapid.IntRange(0, 2).Draw(t, "note"))}
			if n := rapid.SliceOfN(leg, 0, 5).Draw(t, "legs"); len(n) > 0 {
				e.Legs = n
			}
			e.Hash = Hash(&e)
			want = append(want, e)
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, want); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadCSV(&b); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
		}
	})
}

func TestCSVFaultsHaveTheirPlace(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, chain()); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	cases := []struct{ name, text, want string }{
		{"empty", "", "it is empty"},
		{"other columns", "a,b\n", "line 1: the columns must be"},
		{"byte-order mark", "\ufeff" + good, "line 1"},
		{"cut short", strings.TrimSuffix(good, "\n"), "it does not end"},
		{"carriage return", strings.ReplaceAll(good, "\n", "\r\n"), "line 1"},
		{"missing column", strings.Replace(good, "1,16200", "16200", 1), "line 2: 13 columns, not 14"},
		{"account", strings.Replace(good, "feeder,", "feader,", 1), `line 2: column account: "feader" is not one of feeder, pack`},
		{"fraction", strings.Replace(good, ",-1200,", ",-1200.5,", 1), "line 2: column mwh"},
		{"plus sign", strings.Replace(good, ",1150,", ",+1150,", 1), "line 3: column mwh"},
		{"too large", strings.Replace(good, ",1150,", ",92233720368547758070,", 1), "line 3: column mwh"},
		{"note", strings.Replace(good, "period", "perhaps", 1), "line 2: column note"},
		{"rows differ", strings.Replace(good, ",period,pack", ",gap,pack", 1), "line 3: entry 1: its rows differ"},
		{"hash in capitals", strings.Replace(good, "\n1,", "\n1,", 1)[:len(good)-2] + "G\n", "column hash"},
	}
	for _, c := range cases {
		_, err := ReadCSV(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.want)
		}
	}
}

// What is read without an error is written back byte for byte: a file has one form.
func FuzzReadCSV(f *testing.F) {
	var b bytes.Buffer
	if err := WriteCSV(&b, chain()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(csvHeader + "\n"))
	f.Add([]byte(csvHeader + "\n1,2,3,none,4,5,high,gap,,,,,00,00\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := ReadCSV(bytes.NewReader(text))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteCSV(&again, entries); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if !bytes.Equal(again.Bytes(), text) {
			t.Errorf("read and written back, it differs:\n%s\n%s", text, again.Bytes())
		}
	})
}
