package can

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a transport leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
