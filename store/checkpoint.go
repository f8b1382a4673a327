package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNoCheckpoint is a folder that never held a checkpoint: a new unit.
var ErrNoCheckpoint = errors.New("there is no checkpoint yet") // constant: compared, never written

func checkpointMagic() [8]byte { return [8]byte{'R', 'P', 'R', 'C', 'H', 'K', 0, 1} }

// WriteCheckpoint replaces the folder's checkpoint so that a power cut leaves
// the old or the new one, never a torn one.
func WriteCheckpoint(dir string, state []byte) error {
	m := checkpointMagic()
	b := binary.LittleEndian.AppendUint32(m[:], crc32.Checksum(state, crc32.MakeTable(crc32.Castagnoli)))
	if err := replace(dir, "checkpoint", append(b, state...)); err != nil {
		return fmt.Errorf("writing the checkpoint: %w", err)
	}
	return nil
}

// ReadCheckpoint is the folder's checkpoint. What is torn or foreign is an
// error that says so.
func ReadCheckpoint(dir string) ([]byte, error) {
	path := filepath.Join(dir, "checkpoint")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoCheckpoint
	}
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint: %w", err)
	}
	state, err := parseCheckpoint(b)
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint: %s: %w", path, err)
	}
	return state, nil
}

func parseCheckpoint(b []byte) ([]byte, error) {
	m := checkpointMagic()
	if len(b) < 12 || [8]byte(b) != m {
		return nil, errors.New("it is not one of this program's")
	}
	if crc32.Checksum(b[12:], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(b[8:]) {
		return nil, errors.New("its check fails")
	}
	return b[12:], nil
}

// replace writes a file by way of a temporary one, durably.
func replace(dir, name string, b []byte) error {
	f, err := os.CreateTemp(dir, name+".*.part")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
