package unit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// BuildDigest is the SHA-256 of the running program's own file, in hexadecimal:
// only the very same program promises the same bits.
func BuildDigest() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("digesting the program: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("digesting the program: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("digesting the program: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
