package config

import (
	"reflect"
	"testing"
)

func TestReferenceReadsBack(t *testing.T) {
	u := Reference()
	types, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	text := Print(u)
	again, err := Load("printed", text, types)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !reflect.DeepEqual(u, again) {
		t.Errorf("the printed form reads back to another unit:\n%s", text)
	}
	t.Logf("%s", text)
}
