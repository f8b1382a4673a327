package modbus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

// FuzzMBAP: no bytes bring the frame reader or the server's answer down; what is accepted encodes to the same bytes.
func FuzzMBAP(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2})
	f.Add([]byte{0, 1, 0, 0, 0, 11, 1, 16, 0, 1, 0, 2, 4, 0, 10, 1, 2})
	f.Add([]byte{0, 1, 0, 0, 0xFF, 0xFF, 1})
	f.Add([]byte{0, 1, 0, 1, 0, 2, 1, 3})
	device := new(image)
	f.Fuzz(func(t *testing.T, data []byte) {
		var buffer [maxFrame]byte
		reader := bytes.NewReader(data)
		for {
			before := len(data) - reader.Len()
			transaction, unit, pdu, err := readMBAP(reader, buffer[:])
			if err != nil {
				if !errors.Is(err, ErrFrame) && !errors.Is(err, ErrShortFrame) && !errors.Is(err, io.EOF) {
					t.Fatalf("unexpected kind of error: %v", err)
				}
				return
			}
			again := mbap{}.appendFrame(nil, transaction, unit, pdu)
			if !bytes.Equal(again, data[before:before+len(again)]) {
				t.Fatalf("% x encodes back as % x", data[before:], again)
			}
			reply, _ := answer(device, unit, pdu, MaxWrite, nil)
			if len(reply) < 2 || len(reply) > maxPDU {
				t.Fatalf("answer of %d bytes", len(reply))
			}
		}
	})
}

// FuzzSlave: no bytes on the line bring the slave down, and after a pause it always answers a good request.
func FuzzSlave(f *testing.F) {
	good := rtu{}.appendFrame(nil, 0, 17, []byte{3, 0, 5, 0, 1})
	f.Add(good)
	f.Add([]byte{17, 16, 0, 0, 0, 2, 4, 0})
	f.Add([]byte{17, 15, 0, 0, 0, 9, 2, 1, 1, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		device := new(image)
		slave := &Slave{Unit: 17, Handler: device}
		port := &line{chunks: [][]byte{data, nil, good}}
		if len(data) == 0 {
			port.chunks = port.chunks[1:]
		}
		if err := slave.Serve(context.Background(), port); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(port.answers.Bytes(), rtu{}.appendFrame(nil, 0, 17,
			[]byte{3, 2, byte(device.words[5] >> 8), byte(device.words[5])})) {
			t.Fatalf("the good request was not answered: % x", port.answers.Bytes())
		}
	})
}

// FuzzAnswers: no bytes from a device bring a master down in either framing.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7}, false)
	f.Add(rtu{}.appendFrame(nil, 0, 1, []byte{3, 2, 0, 7}), true)
	f.Add([]byte{1, 3, 255}, true)
	f.Fuzz(func(t *testing.T, data []byte, serial bool) {
		var framing framing = mbap{}
		if serial {
			framing = rtu{}
		}
		var buffer [maxFrame]byte
		_, _, pdu, err := framing.readAnswer(bytes.NewReader(data), buffer[:], 1)
		if err != nil {
			return
		}
		for _, r := range []Request{{Unit: 1, Count: 1}, {Kind: Input, Unit: 1, Count: 125}, {Write: true, Count: 1}} {
			values, err := parseResponse(r, pdu)
			if err == nil && !r.Write && len(values) != int(r.Count) {
				t.Fatalf("%d registers for %d", len(values), r.Count)
			}
		}
	})
}

// FuzzBank: no request breaks the bank, and whatever a master wrote lies inside the limits.
func FuzzBank(f *testing.F) {
	f.Add(uint16(201), []byte{0, 0, 9, 196})
	f.Add(uint16(200), []byte{0, 1, 0, 0, 9, 196})
	m := mustCompile(f, exampleTable())
	f.Fuzz(func(t *testing.T, addr uint16, data []byte) {
		bank := NewBank(m, time.Now)
		values := make([]uint16, min(len(data)/2, MaxWrite))
		for i := range values {
			values[i] = uint16(data[2*i])<<8 | uint16(data[2*i+1])
		}
		_ = bank.WriteRegisters(1, addr, values)
		_ = bank.ReadRegisters(Holding, 1, addr, values)
		setpoint := point(t, m, "Setpoint")
		if v := bank.Get(setpoint); v.Valid && (v.Physical < -250 || v.Physical > 250) {
			t.Fatalf("setpoint %v was let through", v.Physical)
		}
	})
}

func BenchmarkClientPipe125(b *testing.B) {
	client := NewClient(pipeTo(b.Context(), &Server{Handler: new(image)}), time.Second)
	defer client.Close()
	benchmarkRead(b, client)
}

func BenchmarkClientTCP125(b *testing.B) {
	client := NewClient(DialTCP(serveLoopback(b, &Server{Handler: new(image)})), time.Second)
	defer client.Close()
	benchmarkRead(b, client)
}

func BenchmarkMasterTCP125(b *testing.B) {
	master, err := NewMaster(MasterConfiguration{
		URL: "tcp://" + serveLoopback(b, &Server{Handler: new(image)}), Timeout: time.Second})
	if err != nil {
		b.Fatal(err)
	}
	defer master.Close()
	benchmarkRead(b, master)
}

func BenchmarkMemory125(b *testing.B) { benchmarkRead(b, NewMemory(new(image), time.Second)) }

func benchmarkRead(b *testing.B, bus Registers) {
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bus.ReadHolding(ctx, 1, 0, 125); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAll(b *testing.B) {
	m := mustCompile(b, exampleTable())
	reader := NewReader(NewMemory(NewBank(m, time.Now), time.Second), 1, m)
	values := make([]Value, m.Len())
	b.ReportAllocs()
	for b.Loop() {
		if err := reader.ReadAll(context.Background(), values); err != nil {
			b.Fatal(err)
		}
	}
}
