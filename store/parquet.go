package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// Names within a Parquet file: the time column, then one column per channel;
// scales stand in the file's metadata under the channel's name.
const timeColumn = "_time"

// checkKey names the check of all values in the file's metadata: pages carry
// their own, headers and scales do not. Files of earlier builds have none.
const checkKey = "_check"

// check is the CRC-32C over names, scales, times and values.
func (t *Table) check() string {
	order := make([]int, len(t.Channels))
	for c := range order {
		order[c] = c
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(t.Channels[a].Name, t.Channels[b].Name) })
	sum, table := uint32(0), crc32.MakeTable(crc32.Castagnoli)
	b := make([]byte, 0, 8*len(t.Times))
	add := func(list []int64) {
		b = b[:0]
		for _, x := range list {
			b = binary.LittleEndian.AppendUint64(b, uint64(x))
		}
		sum = crc32.Update(sum, table, b)
	}
	add(t.Times)
	for _, c := range order {
		sum = crc32.Update(sum, table, []byte(t.Channels[c].Name))
		add([]int64{int64(math.Float64bits(t.Channels[c].Scale))})
		add(t.Columns[c])
	}
	return strconv.FormatUint(uint64(sum), 16)
}

func schemaOf(channels []Channel) *parquet.Schema {
	// One codec for all columns: each keeps an encoder of more than a megabyte, and there are more than a hundred columns.
	codec := &zstd.Codec{Level: zstd.SpeedFastest}
	integers := func() parquet.Node {
		return parquet.Compressed(parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.DeltaBinaryPacked), codec)
	}
	group := parquet.Group{timeColumn: integers()}
	for _, c := range channels {
		group[c.Name] = parquet.Optional(integers())
	}
	return parquet.NewSchema("series", group)
}

// encode is the table as the bytes of a Parquet file.
func (t *Table) encode() ([]byte, error) {
	schema := schemaOf(t.Channels)
	places := make([]int, len(t.Channels))
	timeAt := -1
	for i, path := range schema.Columns() {
		if path[0] == timeColumn {
			timeAt = i
		} else {
			places[slices.IndexFunc(t.Channels, func(c Channel) bool { return c.Name == path[0] })] = i
		}
	}
	options := []parquet.WriterOption{schema, parquet.CreatedBy("reprise", "", "")}
	for _, c := range t.Channels {
		options = append(options, parquet.KeyValueMetadata(c.Name, strconv.FormatFloat(c.Scale, 'g', -1, 64)))
	}
	options = append(options, parquet.KeyValueMetadata(checkKey, t.check()))
	var out bytes.Buffer
	w := parquet.NewWriter(&out, options...)
	rows := make([]parquet.Row, 1)
	row := make(parquet.Row, len(t.Channels)+1)
	for i, at := range t.Times {
		row[timeAt] = parquet.Int64Value(at).Level(0, 0, timeAt)
		for c, place := range places {
			if x := t.Columns[c][i]; x == Unknown {
				row[place] = parquet.NullValue().Level(0, 0, place)
			} else {
				row[place] = parquet.Int64Value(x).Level(0, 1, place)
			}
		}
		rows[0] = row
		if _, err := w.WriteRows(rows); err != nil {
			return nil, fmt.Errorf("writing Parquet: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing Parquet: %w", err)
	}
	return out.Bytes(), nil
}

func readParquet(path string) (*Table, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		var t *Table
		if t, err = decodeParquet(b); err == nil {
			return t, nil
		}
	}
	return nil, fmt.Errorf("reading series %s: %w", path, err)
}

// decodeParquet reads bytes of which nothing is believed. The library panics on
// some damage; that is an error like any other.
func decodeParquet(b []byte) (t *Table, err error) {
	defer func() {
		if x := recover(); x != nil {
			t, err = nil, fmt.Errorf("it is damaged: %v", x)
		}
	}()
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	t = &Table{}
	for _, path := range f.Schema().Columns() {
		var column []int64
		for _, group := range f.RowGroups() {
			leaf, ok := f.Schema().Lookup(path...)
			if !ok || leaf.Node.Type().Kind() != parquet.Int64 {
				return nil, fmt.Errorf("column %v does not hold integers", path)
			}
			if column, err = readColumn(column, group.ColumnChunks()[leaf.ColumnIndex]); err != nil {
				return nil, err
			}
		}
		if path[0] == timeColumn {
			t.Times = column
			continue
		}
		text, _ := f.Lookup(path[0])
		scale, err := strconv.ParseFloat(text, 64)
		if err != nil || !(scale > 0) {
			return nil, fmt.Errorf("column %s has no scale", path[0])
		}
		t.Channels = append(t.Channels, Channel{Name: path[0], Scale: scale})
		t.Columns = append(t.Columns, column)
	}
	for _, c := range t.Columns {
		if len(c) != len(t.Times) {
			return nil, errors.New("its columns differ in length")
		}
	}
	if check, ok := f.Lookup(checkKey); ok && check != t.check() {
		return nil, errors.New("its check fails")
	}
	return t, nil
}

func readColumn(column []int64, chunk parquet.ColumnChunk) ([]int64, error) {
	pages := chunk.Pages()
	defer func() { _ = pages.Close() }() // memory only
	values := make([]parquet.Value, 512)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return column, nil
		}
		if err != nil {
			return nil, err
		}
		reader := page.Values()
		for {
			n, err := reader.ReadValues(values)
			for _, v := range values[:n] {
				if v.IsNull() {
					column = append(column, Unknown)
				} else {
					column = append(column, v.Int64())
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
		}
		parquet.Release(page)
	}
}

// same reports whether two tables hold the same values, whatever the order of
// their columns.
func (t *Table) same(o *Table) bool {
	if !slices.Equal(t.Times, o.Times) || len(t.Channels) != len(o.Channels) {
		return false
	}
	for c, channel := range t.Channels {
		k := slices.Index(o.Channels, channel)
		if k < 0 || !slices.Equal(t.Columns[c], o.Columns[k]) {
			return false
		}
	}
	return true
}
