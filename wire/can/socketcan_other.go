//go:build !linux

package can

import (
	"context"
	"fmt"
	"net"
	"runtime"
)

// dialSocketCAN explains that SocketCAN belongs to Linux.
func dialSocketCAN(_ context.Context, device string) (net.Conn, error) {
	return nil, fmt.Errorf("SocketCAN interface %s: %s has no SocketCAN, use tcp:// or udp://", device, runtime.GOOS)
}
