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
		CauseFairShare:       "what is left is shared among all vehicles",
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

// SentenceFor is the cause as it is said of a part of one kind: what limits a
// vehicle is not said in the words for a pack.
func (c Cause) SentenceFor(kind SubjectKind) string {
	const shared = ", and the vehicles share what is left by need and departure"
	circuit, outlet, pack, feeder := kind == OfCircuit, kind == OfOutlet, kind == OfPack, kind == OfFeeder
	switch {
	case circuit && (c == CauseShare || c == CauseNone):
		return "it is on and takes what is plugged into it"
	case outlet && (c == CauseShare || c == CauseNone):
		return "it gets all that it asks for"
	case outlet && c == CauseNotNeeded:
		return "no vehicle asks for power here"
	case outlet && c == CauseImportCap:
		return "the supply and the packs give no more, the site's import cap is reached" + shared
	case outlet && c == CauseIslandHeadroom:
		return "the packs and the inverter give no more while there is no grid" + shared
	case outlet && (c == CauseFeederLimit || c == CauseInverterRating || c == CausePhaseLimit || c == CauseReserve):
		return c.Sentence() + shared
	case (circuit || outlet) && c == CauseNoNetwork:
		return "there is no live network to feed it"
	case pack && c == CauseNotNeeded:
		return "it rests: nothing is needed from it now"
	case pack && c == CauseStale:
		return "it does not report, so it is not used"
	case feeder && c == CauseNotNeeded:
		return "it is not needed now"
	case feeder && c == CauseRefill:
		return "it refills the packs"
	default:
		return c.Sentence()
	}
}

// Short is a cause that binds in two or three words, for a picture; empty for
// one that does not bind.
func (c Cause) Short() string {
	short := [causeCount]string{
		CauseTripped: "safety", CauseConverterRating: "converter full", CauseInverterRating: "inverter full",
		CausePhaseLimit: "phase full", CauseNeutral: "phase balance", CauseImportCap: "import cap",
		CauseFeederLimit: "supply limit", CauseReserve: "reserve kept", CauseEnergyBudget: "energy promised",
		CauseFairShare: "shared", CauseMinimumCurrent: "too little left", CauseWaiting: "its turn comes",
		CauseVehicleLimit: "vehicle's limit", CauseVehicleFull: "full", CauseStationSilent: "station silent",
		CauseStationIgnores: "station ignores", CauseShed: "shed", CauseIslandHeadroom: "packs' limit",
		CauseBusSag: "bus low", CauseOperatorOff: "switched off", CauseNoNetwork: "no network",
		CausePriority: "others first", CauseEmergency: "stopped",
	}
	switch {
	case !c.Binds() || c == CauseInstalled || c >= causeCount:
		return ""
	case short[c] == "":
		return "limited"
	default:
		return short[c]
	}
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
