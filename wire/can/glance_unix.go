//go:build unix

package can

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// quietly asks the kernel to wake this process for a connection only when a whole read's worth of bytes waits, and gives
// the way to look at what came before. Without it every frame of a busy channel would wake the process, whether anybody
// is about to look or not, and those wake-ups cost far more than the frames. Nil when the connection has no such thing.
func quietly(conn net.Conn) syscall.RawConn {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	refused := errors.New("not asked")
	err = raw.Control(func(descriptor uintptr) {
		refused = syscall.SetsockoptInt(int(descriptor), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, readBatch*WireSize)
	})
	if err != nil || refused != nil {
		return nil
	}
	return raw
}

// glance reads what waits at a connection, without waiting; nothing is no error.
func glance(raw syscall.RawConn, buffer []byte) (n int, err error) {
	outer := raw.Read(func(descriptor uintptr) bool {
		for {
			if n, err = syscall.Read(int(descriptor), buffer); !errors.Is(err, syscall.EINTR) {
				return true
			}
		}
	})
	switch {
	case outer != nil:
		return 0, outer
	case errors.Is(err, syscall.EAGAIN):
		return 0, nil
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
