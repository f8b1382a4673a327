package unit

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"reprise/bess"
)

// Alive is when the loop last gave orders. A checkpoint is written when
// something changes and may be a minute old; whether the devices still hold
// what they were ordered depends on how long they have heard nothing.
type Alive struct {
	Now   bess.Instant // 0: not known
	Civil int64        // wall time, ms
}

// pulse holds the newest sign of life for the shell that writes it down.
type pulse struct {
	mu    sync.Mutex
	alive Alive
}

func (p *pulse) set(a Alive) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alive = a
}

func (p *pulse) get() Alive {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.alive
}

// aliveEvery is how often the sign of life is written, without waiting for the
// disk: it must outlive the process, not a power cut, after which everything
// has fallen open anyway.
const aliveEvery = 200 * time.Millisecond

const (
	aliveFile = "alive"
	aliveSize = 8 + 8 + 4
)

// keepAlive writes the sign of life until ctx ends.
func (m *Machine) keepAlive(ctx context.Context) {
	if m.config.Folder == "" {
		return
	}
	f, err := os.OpenFile(filepath.Join(m.config.Folder, aliveFile), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		m.log.Warn("no sign of life is kept: a restart will begin as after a long pause", "why", err)
		return
	}
	defer func() { _ = f.Close() }()
	ticker := time.NewTicker(aliveEvery)
	defer ticker.Stop()
	for last := (Alive{}); ; {
		if now := m.pulse.get(); now != last {
			last = now
			_, _ = f.WriteAt(appendAlive(nil, now), 0) // what cannot be written makes a restart careful, not wrong
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func appendAlive(b []byte, a Alive) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(a.Now))
	b = binary.LittleEndian.AppendUint64(b, uint64(a.Civil))
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// readAlive reads the last sign of life; one that is missing or torn is not known.
func readAlive(dir string) (Alive, error) {
	b, err := os.ReadFile(filepath.Join(dir, aliveFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Alive{}, nil
	}
	if err != nil {
		return Alive{}, fmt.Errorf("reading the last sign of life: %w", err)
	}
	if len(b) != aliveSize || crc32.ChecksumIEEE(b[:16]) != binary.LittleEndian.Uint32(b[16:]) {
		return Alive{}, nil
	}
	return Alive{Now: bess.Instant(binary.LittleEndian.Uint64(b)), Civil: int64(binary.LittleEndian.Uint64(b[8:]))}, nil
}
