package can

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// dialSocketCAN opens a raw CAN socket of the Linux kernel on the named interface, with error frames switched on.
//
// This path has been compiled and its refusals tested; it has not been run against an interface, since the kernels of
// the machines at hand have no CAN address family. Everything above the socket is shared with the UDP transport.
//
// The socket is opened here and not by the library that gives the frame and the DBC parser: its package for that leaves
// the descriptor open in child processes, loses it when binding fails, and links the packages testing and os/exec.
func dialSocketCAN(_ context.Context, device string) (net.Conn, error) {
	descriptor, err := unix.Socket(unix.AF_CAN, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.CAN_RAW)
	switch {
	case errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.EPROTONOSUPPORT):
		return nil, errors.New("this kernel has no SocketCAN: load the modules can and can_raw, or use tcp:// or udp://")
	case err != nil:
		return nil, fmt.Errorf("asking the kernel for a CAN socket: %w", err)
	}
	socket := &rawSocket{File: os.NewFile(uintptr(descriptor), device)}
	if err := bindSocketCAN(descriptor, device); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return socket, nil
}

func bindSocketCAN(descriptor int, device string) error {
	card, err := net.InterfaceByName(device)
	if err != nil {
		return fmt.Errorf("no network interface %s: list them with \"ip link\", then \"ip link set %s up type can bitrate 500000\"", device, device)
	}
	if err := unix.SetsockoptInt(descriptor, unix.SOL_CAN_RAW, unix.CAN_RAW_ERR_FILTER, unix.CAN_ERR_MASK); err != nil {
		return fmt.Errorf("asking interface %s for error frames: %w", device, err)
	}
	if err := unix.Bind(descriptor, &unix.SockaddrCAN{Ifindex: card.Index}); err != nil {
		return fmt.Errorf("binding to interface %s: is it a CAN interface and up? %w", device, err)
	}
	return nil
}

// rawSocket makes a net.Conn of the file: one read or write is one frame.
type rawSocket struct{ *os.File }

// interfaceAddress is the name of a CAN interface.
type interfaceAddress string

func (interfaceAddress) Network() string  { return "can" }
func (a interfaceAddress) String() string { return string(a) }

func (s *rawSocket) LocalAddr() net.Addr  { return interfaceAddress(s.Name()) }
func (s *rawSocket) RemoteAddr() net.Addr { return interfaceAddress(s.Name()) }
