package store

import (
	"fmt"
	"syscall"

	"reprise/bess/si"
)

// Free is the share of the folder's file system that is free, 0..1, and its
// free bytes.
func Free(dir string) (si.Ratio, int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Blocks == 0 {
		return 0, 0, fmt.Errorf("asking for the free space of %s: %w", dir, err)
	}
	return si.Ratio(float64(s.Bavail) / float64(s.Blocks)), int64(s.Bavail) * int64(s.Bsize), nil
}
