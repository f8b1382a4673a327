package bess

// Cause is why something carries what it carries: a closed list, so that every
// reason has one sentence and every sentence has one reason.
type Cause uint8

// Causes. Texts stand in Sentence.
const (
	CauseNone Cause = iota
	CauseInstalled
	CauseShare
	CauseSpared
	CauseNotNeeded
	CauseEmpty
	CauseFull
	CausePackLimit
	CauseCellHigh
	CauseCellLow
	CauseTooHot
	CauseTooCold
	CauseColdCharge
	CauseOwnEstimate
	CauseStale
	CauseUnidentified
	CauseOpen
	CausePrecharge
	CauseLockedOut
	CauseTripped
	CauseService
	CauseConverterRating
	CauseInverterRating
	CausePhaseLimit
	CauseNeutral
	CauseImportCap
	CauseFeederLimit
	CauseNoExport
	CauseReserve
	CauseEnergyBudget
	CauseFairShare
	CauseMinimumCurrent
	CauseWaiting
	CauseVehicleLimit
	CauseVehicleFull
	CauseStationSilent
	CauseStationIgnores
	CauseShed
	CauseIslandHeadroom
	CauseBusSag
	CauseQuietHours
	CauseRefill
	CauseSolarSurplus
	CauseOperatorOff
	CauseNoNetwork
	CauseTransport
	CauseEmergency
	CauseArrival
	CauseGeneratorBand
	CausePriority
	CauseStarting
	CauseStopping
	CauseFeeds
	causeCount
)

// Sentence is the cause in words that a site crew understands.
func (c Cause) Sentence() string {
	sentences := [causeCount]string{
		CauseNone:            "nothing limits it",
		CauseInstalled:       "the installed rating is the limit",
		CauseShare:           "it carries its share of what the packs can give",
		CauseSpared:          "it is spared: a weaker pack rests while the others can carry the load",
		CauseNotNeeded:       "nothing is needed from it now",
		CauseEmpty:           "it has reached its lower energy limit",
		CauseFull:            "it is full",
		CausePackLimit:       "its own battery management system sets the limit",
		CauseCellHigh:        "its highest cell is near the upper voltage limit",
		CauseCellLow:         "its lowest cell is near the lower voltage limit",
		CauseTooHot:          "its hottest cell is near the temperature limit",
		CauseTooCold:         "it is too cold to give its full power",
		CauseColdCharge:      "it is too cold to be charged",
		CauseOwnEstimate:     "our own estimate allows less than the pack reports",
		CauseStale:           "its readings are too old to be used",
		CauseUnidentified:    "it is not identified for certain",
		CauseOpen:            "its contactors are open",
		CausePrecharge:       "it is being connected",
		CauseLockedOut:       "it is locked out until a person clears it",
		CauseTripped:         "a safety rule holds it",
		CauseService:         "it was taken out for service",
		CauseConverterRating: "its converter is at its rating",
		CauseInverterRating:  "the inverter is at its rating",
		CausePhaseLimit:      "its phase is full",
		CauseNeutral:         "the phases must stay balanced",
		CauseImportCap:       "the site's import cap is reached",
		CauseFeederLimit:     "the supply cannot give more",
		CauseNoExport:        "feeding back to the supply is not permitted",
		CauseReserve:         "the reserve is kept for an outage",
		CauseEnergyBudget:    "the stored energy is promised to others",
		CauseFairShare:       "it gets its fair share",
		CauseMinimumCurrent:  "less than the minimum charging current is left",
		CauseWaiting:         "it waits for its turn",
		CauseVehicleLimit:    "the vehicle takes no more",
		CauseVehicleFull:     "the vehicle is full",
		CauseStationSilent:   "the charging station does not answer",
		CauseStationIgnores:  "the charging station does not follow its order",
		CauseShed:            "it was shed to keep more important loads on",
		CauseIslandHeadroom:  "the inverter keeps headroom while there is no grid",
		CauseBusSag:          "the DC bus voltage is low",
		CauseQuietHours:      "quiet hours keep the generator off",
		CauseRefill:          "the unit is refilling",
		CauseSolarSurplus:    "surplus solar goes into the packs",
		CauseOperatorOff:     "it was switched off by a person",
		CauseNoNetwork:       "there is no live network",
		CauseTransport:       "the unit is in transport",
		CauseEmergency:       "the emergency stop is active",
		CauseArrival:         "the supply has not been checked by a person yet",
		CauseGeneratorBand:   "the generator is kept in its good load band",
		CausePriority:        "others have priority",
		CauseStarting:        "it is starting",
		CauseStopping:        "it is stopping",
		CauseFeeds:           "it gives what is needed, and could give more",
	}
	if c < causeCount {
		return sentences[c]
	}
	return "unknown cause"
}

// Binds reports whether the cause is a limit that holds a part back, as against
// a reason for what it does.
func (c Cause) Binds() bool {
	switch c {
	case CauseNone, CauseShare, CauseSpared, CauseNotNeeded, CauseRefill, CauseSolarSurplus, CauseStarting, CauseStopping, CauseFeeds:
		return false
	default:
		return true
	}
}
