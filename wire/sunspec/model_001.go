package sunspec

// Points of model 1, common: who made the device, what it is, its serial number; always the first model.
const (
	CommonID = iota
	CommonL
	CommonMn
	CommonMd
	CommonOpt
	CommonVr
	CommonSN
	CommonDA
	CommonPad
)

// Common is model 1, common: who made the device, what it is, its serial number; always the first model.
func Common() Model {
	return Model{
		ID: 1, Name: "common", Doc: "who made the device, what it is, its serial number; always the first model",
		Points: []Point{
			CommonID:  {Name: "ID", Type: Uint16, Doc: "model number"},
			CommonL:   {Name: "L", Type: Uint16, Doc: "registers after this one"},
			CommonMn:  {Name: "Mn", Type: String, Size: 16, Doc: "manufacturer"},
			CommonMd:  {Name: "Md", Type: String, Size: 16, Doc: "device model"},
			CommonOpt: {Name: "Opt", Type: String, Size: 8, Doc: "options"},
			CommonVr:  {Name: "Vr", Type: String, Size: 8, Doc: "version"},
			CommonSN:  {Name: "SN", Type: String, Size: 16, Doc: "serial number"},
			CommonDA:  {Name: "DA", Type: Uint16, Writable: true, Doc: "Modbus device address"},
			CommonPad: {Name: "Pad", Type: Pad, Doc: "keeps the length even"},
		},
	}
}
