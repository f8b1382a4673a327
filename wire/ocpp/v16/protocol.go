package v16

import (
	"math"

	"reprise/wire/ocpp"
)

//go:generate go run ../internal/generate -schemas ../peer/node_modules/ocpp-rpc/lib/schemas/ocpp1_6.json -out .

// Name is the WebSocket sub-protocol of OCPP 1.6J.
const Name = "ocpp1.6"

// Protocol returns the version for [ocpp.CentralOptions] and [ocpp.PointOptions]. Messages of the profiles that have no
// types here (Firmware Management, Local Auth List Management, Reservation and the security extension) are refused with
// NotSupported.
func Protocol() *ocpp.Protocol {
	recognised := []string{
		"CancelReservation", "CertificateSigned", "DeleteCertificate", "DiagnosticsStatusNotification",
		"ExtendedTriggerMessage", "FirmwareStatusNotification", "GetDiagnostics", "GetInstalledCertificateIds",
		"GetLocalListVersion", "GetLog", "InstallCertificate", "LogStatusNotification", "ReserveNow",
		"SecurityEventNotification", "SendLocalList", "SignCertificate", "SignedFirmwareStatusNotification",
		"SignedUpdateFirmware", "UpdateFirmware",
	}
	spelling := map[ocpp.Code]string{
		ocpp.FormatViolation:               "FormationViolation",
		ocpp.OccurrenceConstraintViolation: "OccurenceConstraintViolation",
		ocpp.FrameworkError:                "FormationViolation",
		ocpp.MessageTypeNotSupported:       "", // section 4.1.3 of OCPP-J 1.6: such a frame is ignored
	}
	return ocpp.NewProtocol(Name, actions(), recognised, spelling)
}

// Tenths rounds a limit down to the resolution of charging schedules, 0.1 of a unit; a limit that has more digits would be
// refused. Rounding down keeps the sum of the stations within what was meant. A value within a millionth of a step counts
// as that step, since 16.1 has no exact binary form.
func Tenths(value float64) float64 {
	return math.Floor(value*10+1e-6) / 10
}
