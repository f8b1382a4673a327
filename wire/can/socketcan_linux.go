package can

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"go.einride.tech/can/pkg/socketcan"
)

// dialSocketCAN opens a raw CAN socket of the Linux kernel on the named interface, with error frames switched on.
//
// This path has been compiled and its failures tested; it has not been run against an interface, since the kernels of
// the machines at hand have no CAN address family. Everything above the socket is shared with the UDP transport.
func dialSocketCAN(ctx context.Context, device string) (net.Conn, error) {
	if err := probeSocketCAN(); err != nil {
		return nil, err
	}
	if _, err := net.InterfaceByName(device); err != nil {
		return nil, fmt.Errorf("no network interface %s: list them with \"ip link\", then \"ip link set %s up type can bitrate 500000\"", device, device)
	}
	return socketcan.DialContext(ctx, "can", device, socketcan.WithReceiveErrorFrames())
}

// probeSocketCAN asks the kernel for a raw CAN socket, which tells a missing module from a missing interface.
func probeSocketCAN() error {
	const canRaw = 1 // CAN_RAW of linux/can.h
	descriptor, err := syscall.Socket(syscall.AF_CAN, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, canRaw)
	switch {
	case errors.Is(err, syscall.EAFNOSUPPORT), errors.Is(err, syscall.EPROTONOSUPPORT):
		return errors.New("this kernel has no SocketCAN: load the modules can and can_raw, or use tcp:// or udp://")
	case err != nil:
		return fmt.Errorf("asking the kernel for a CAN socket: %w", err)
	}
	return syscall.Close(descriptor)
}
