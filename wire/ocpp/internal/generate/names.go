package main

import (
	"strings"
	"unicode"
)

// message is one action of OCPP 1.6 that gets types.
type message struct {
	name string
	from string // the Go expression for the side that asks
}

// messages are the actions of the profiles Core, Smart Charging and Remote Trigger. Another profile is more rows here.
func messages() []message {
	const station, central, either = "ocpp.StationSide", "ocpp.CentralSide", "ocpp.StationSide | ocpp.CentralSide"
	return []message{
		{"Authorize", station},
		{"BootNotification", station},
		{"ChangeAvailability", central},
		{"ChangeConfiguration", central},
		{"ClearCache", central},
		{"ClearChargingProfile", central},
		{"DataTransfer", either},
		{"GetCompositeSchedule", central},
		{"GetConfiguration", central},
		{"Heartbeat", station},
		{"MeterValues", station},
		{"RemoteStartTransaction", central},
		{"RemoteStopTransaction", central},
		{"Reset", central},
		{"SetChargingProfile", central},
		{"StartTransaction", station},
		{"StatusNotification", station},
		{"StopTransaction", station},
		{"TriggerMessage", central},
		{"UnlockConnector", central},
	}
}

// typeName gives the name that the OCPP 1.6 specification uses for the type of a field; the schemas have none. The place
// is "Message.req.field" or "Message.conf.field"; a name for the field alone holds everywhere else.
func typeName(place, field string) string {
	named := map[string]string{
		"BootNotification.conf.status":        "RegistrationStatus",
		"ChangeAvailability.conf.status":      "AvailabilityStatus",
		"ChangeAvailability.req.type":         "AvailabilityType",
		"ChangeConfiguration.conf.status":     "ConfigurationStatus",
		"ClearCache.conf.status":              "ClearCacheStatus",
		"ClearChargingProfile.conf.status":    "ClearChargingProfileStatus",
		"DataTransfer.conf.status":            "DataTransferStatus",
		"GetCompositeSchedule.conf.status":    "GetCompositeScheduleStatus",
		"RemoteStartTransaction.conf.status":  "RemoteStartStopStatus",
		"RemoteStopTransaction.conf.status":   "RemoteStartStopStatus",
		"Reset.conf.status":                   "ResetStatus",
		"Reset.req.type":                      "ResetType",
		"SetChargingProfile.conf.status":      "ChargingProfileStatus",
		"StatusNotification.req.errorCode":    "ChargePointErrorCode",
		"StatusNotification.req.status":       "ChargePointStatus",
		"StopTransaction.req.reason":          "Reason",
		"TriggerMessage.conf.status":          "TriggerMessageStatus",
		"TriggerMessage.req.requestedMessage": "MessageTrigger",
		"UnlockConnector.conf.status":         "UnlockStatus",

		"idTagInfo":              "IDTagInfo",
		"status":                 "AuthorizationStatus", // inside idTagInfo
		"configurationKey":       "KeyValue",
		"csChargingProfiles":     "ChargingProfile",
		"chargingProfile":        "ChargingProfile",
		"chargingProfilePurpose": "ChargingProfilePurpose",
		"chargingProfileKind":    "ChargingProfileKind",
		"recurrencyKind":         "RecurrencyKind",
		"chargingSchedule":       "ChargingSchedule",
		"chargingRateUnit":       "ChargingRateUnit",
		"chargingSchedulePeriod": "ChargingSchedulePeriod",
		"meterValue":             "MeterValue",
		"transactionData":        "MeterValue",
		"sampledValue":           "SampledValue",
		"context":                "ReadingContext",
		"format":                 "ValueFormat",
		"measurand":              "Measurand",
		"phase":                  "Phase",
		"location":               "Location",
		"unit":                   "UnitOfMeasure",
	}
	if name, ok := named[place]; ok {
		return name
	}
	return named[field]
}

// exported turns a field or an enumeration value into a Go name: "idTag" to IDTag, "L1-N" to L1N, "Energy.Active" to
// EnergyActive.
func exported(name string) string {
	var words []string
	word := ""
	flush := func() {
		if word != "" {
			words = append(words, word)
		}
		word = ""
	}
	previousLower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && previousLower:
			flush()
			word += string(r)
		default:
			word += string(r)
		}
		previousLower = unicode.IsLower(r) || unicode.IsDigit(r)
	}
	flush()
	for n, w := range words {
		switch strings.ToLower(w) {
		case "id", "iccid", "imsi", "cs":
			words[n] = strings.ToUpper(w)
		default:
			words[n] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// unexported lowers the first word of a Go name: "IDTagInfo" to idTagInfo.
func unexported(name string) string {
	upper := 0
	for upper < len(name) && unicode.IsUpper(rune(name[upper])) {
		upper++
	}
	if upper > 1 && upper < len(name) {
		upper-- // the last capital begins the next word
	}
	return strings.ToLower(name[:upper]) + name[upper:]
}

// fileName is the file of a message: "BootNotification" to boot_notification.gen.go.
func fileName(name string) string {
	var b strings.Builder
	for n, r := range name {
		if unicode.IsUpper(r) && n > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String() + ".gen.go"
}
