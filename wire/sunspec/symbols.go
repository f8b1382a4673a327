package sunspec

func offOn() []string { return []string{"DISABLED", "ENABLED"} }

func excitation() []string { return []string{"OVER_EXCITED", "UNDER_EXCITED"} }

// Values of the enumerations that controllers use most. The others are in each point's Symbols, in order from 0.
const (
	Disabled = 0 // every ...Ena point
	Enabled  = 1

	WSetPercent = 0 // WSetMod
	WSetWatts   = 1

	RemoteControl = 0 // LocRemCtl
	LocalControl  = 1

	OpStop         = 0 // OpCtl
	OpStart        = 1
	OpEnterStandby = 2
	OpExitStandby  = 3

	StateOff          = 0 // InvSt
	StateSleeping     = 1
	StateStarting     = 2
	StateMPPT         = 3
	StateThrottled    = 4
	StateShuttingDown = 5
	StateFault        = 6
	StateStandby      = 7

	SinglePhase = 0 // ACType
	SplitPhase  = 1
	ThreePhase  = 2
)

// Bits of Alrm in model 701.
const (
	AlarmGroundFault        = 1 << 0
	AlarmDCOverVoltage      = 1 << 1
	AlarmACDisconnectOpen   = 1 << 2
	AlarmDCDisconnectOpen   = 1 << 3
	AlarmGridDisconnect     = 1 << 4
	AlarmCabinetOpen        = 1 << 5
	AlarmManualShutdown     = 1 << 6
	AlarmOverTemperature    = 1 << 7
	AlarmOverFrequency      = 1 << 8
	AlarmUnderFrequency     = 1 << 9
	AlarmACOverVoltage      = 1 << 10
	AlarmACUnderVoltage     = 1 << 11
	AlarmBlownStringFuse    = 1 << 12
	AlarmUnderTemperature   = 1 << 13
	AlarmMemoryLoss         = 1 << 14
	AlarmHardwareTestFailed = 1 << 15
	AlarmManufacturer       = 1 << 16
)

// Bits of DERMode in model 701.
const (
	ModeGridFollowing = 1 << 0
	ModeGridForming   = 1 << 1
	ModePVClipped     = 1 << 2
)

// Bits of CtrlModes in model 702 and of ThrotSrc in model 701.
const (
	FunctionMaxW         = 1 << 0
	FunctionFixedW       = 1 << 1
	FunctionFixedVar     = 1 << 2
	FunctionFixedPF      = 1 << 3
	FunctionVoltVar      = 1 << 4
	FunctionFreqWatt     = 1 << 5
	FunctionDynReactCurr = 1 << 6
	FunctionLVTrip       = 1 << 7
	FunctionHVTrip       = 1 << 8
	FunctionWattVar      = 1 << 9
	FunctionVoltWatt     = 1 << 10
	FunctionScheduled    = 1 << 11
	FunctionLFTrip       = 1 << 12
	FunctionHFTrip       = 1 << 13
	FunctionDerated      = 1 << 14 // ThrotSrc only
)

// Bits of IntIslandCatRtg and IntIslandCat in model 702.
const (
	IslandUncategorized     = 1 << 0
	IslandCapable           = 1 << 1
	IslandBlackStartCapable = 1 << 2
	IslandIsochronous       = 1 << 3
)

// Bits of DCAlrm of a port in model 714.
const (
	PortAlarmGroundFault      = 1 << 0
	PortAlarmOverVoltage      = 1 << 1
	PortAlarmDCDisconnect     = 1 << 3
	PortAlarmCabinetOpen      = 1 << 5
	PortAlarmManualShutdown   = 1 << 6
	PortAlarmOverTemperature  = 1 << 7
	PortAlarmBlownFuse        = 1 << 12
	PortAlarmUnderTemperature = 1 << 13
	PortAlarmMemoryLoss       = 1 << 14
	PortAlarmArcDetection     = 1 << 15
	PortAlarmTestFailed       = 1 << 20
	PortAlarmUnderVoltage     = 1 << 21
	PortAlarmOverCurrent      = 1 << 22
)
