package device

// What the tests outside the package share with those inside it.
var TestTable, SoundView = testTable, soundView
