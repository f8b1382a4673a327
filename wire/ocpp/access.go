package ocpp

import (
	"fmt"
	"net"
	"net/http"
)

// AccessError is why a handshake was refused.
type AccessError struct {
	Status int    // HTTP status
	Reason string // what the station is told
}

// Error says the status and the reason.
func (e *AccessError) Error() string {
	return fmt.Sprintf("handshake refused with %d: %s", e.Status, e.Reason)
}

// PasswordCheck makes an Admit for security profile 1, HTTP basic authentication: the user name must be the identity and
// check must accept the password (compare in constant time, or through a password hash). Peers on a loopback address need
// no password; behind a proxy on the same machine every peer looks like one, so such a proxy must check itself. A nil check
// refuses all other peers.
func PasswordCheck(check func(identity, password string) bool) func(*http.Request, string) error {
	return func(request *http.Request, identity string) error {
		if onLoopback(request.RemoteAddr) {
			return nil
		}
		if check == nil {
			return &AccessError{http.StatusForbidden, "stations are accepted on this machine only: no passwords are configured"}
		}
		user, password, given := request.BasicAuth()
		if !given || user != identity || !check(identity, password) {
			return &AccessError{http.StatusUnauthorized, "basic authentication with the identity as user name is required"}
		}
		return nil
	}
}

// onLoopback says whether an address of net/http belongs to this machine.
func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
