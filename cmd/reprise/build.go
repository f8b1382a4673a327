package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
)

// buildDigest is the SHA-256 of the running program: a journal is replayed by the build that wrote it, or not trusted.
func buildDigest() string {
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	file, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer func() { _ = file.Close() }() // read only
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(h.Sum(nil))
}
