// Package footprint estimates how much memory a value holds.
package footprint

import (
	"reflect"
	"sync"
)

// Meter estimates how much memory values hold. It is safe for concurrent use.
type Meter struct {
	mu     sync.RWMutex
	shapes map[reflect.Type]*shape
}

// NewMeter returns a meter that does not follow pointers to the given types: what is behind them is shared by all values.
func NewMeter(shared ...reflect.Type) *Meter {
	m := &Meter{shapes: map[reflect.Type]*shape{}}
	for _, t := range shared {
		m.shapes[t] = &shape{shared: true}
	}
	return m
}

// Of returns about how many bytes of the heap the values hold together: what is behind their pointers, slices, strings, maps
// and interfaces, each piece once. Functions and channels are not followed. The values must not change meanwhile.
//
// It is an estimate, mostly a bit too high: what several strings share is counted for each of them.
func (m *Meter) Of(values ...any) int64 {
	w := walker{meter: m, seen: map[uint64]struct{}{}}
	for _, v := range values {
		w.boxed(reflect.ValueOf(v), true)
	}
	return w.bytes
}

// shape is what is known of a type, so that walking a value looks nothing up.
type shape struct {
	// follow: values of the type refer to other memory. shared: pointers to the type are not followed.
	follow, shared bool

	size      int
	key, elem *shape
	fields    []field
}

// field is a field of a struct that refers to other memory.
type field struct {
	index int
	shape *shape
}

// shape returns the shape of a type.
func (m *Meter) shape(t reflect.Type) *shape {
	m.mu.RLock()
	s := m.shapes[t]
	m.mu.RUnlock()
	if s != nil {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.learn(t)
}

// learn makes the shape of a type, which may contain itself.
func (m *Meter) learn(t reflect.Type) *shape {
	if s := m.shapes[t]; s != nil {
		return s
	}
	s := &shape{size: int(t.Size())}
	m.shapes[t] = s
	switch t.Kind() {
	case reflect.String, reflect.Interface:
		s.follow = true
	case reflect.Pointer, reflect.Slice:
		s.follow = true
		s.elem = m.learn(t.Elem())
	case reflect.Map:
		s.follow = true
		s.key, s.elem = m.learn(t.Key()), m.learn(t.Elem())
	case reflect.Array:
		s.elem = m.learn(t.Elem())
		s.follow = s.elem.follow && t.Len() > 0
	case reflect.Struct:
		for i := range t.NumField() {
			if of := m.learn(t.Field(i).Type); of.follow {
				s.fields = append(s.fields, field{i, of})
			}
		}
		s.follow = len(s.fields) > 0
	default:
	}
	return s
}

// walker is one estimate.
type walker struct {
	meter *Meter
	seen  map[uint64]struct{}
	bytes int64
}

// allocation is how finely the heap deals out memory; mapHeader is what a map spends beside its entries, mapEntry what it
// spends on an entry besides key and value.
const (
	allocation = 16
	mapHeader  = 48
	mapEntry   = 8
)

// add counts an allocation of n bytes.
func (w *walker) add(n int) {
	w.bytes += int64((n + allocation - 1) / allocation * allocation)
}

// first tells whether a piece of memory was not counted before. A struct and its first field have the same address, but as a
// rule not the same size.
func (w *walker) first(at uintptr, size int) bool {
	p := uint64(at)<<16 | uint64(size)&0xffff
	if _, ok := w.seen[p]; ok {
		return false
	}
	w.seen[p] = struct{}{}
	return true
}

// value counts what is behind v; v itself is part of something that was counted.
func (w *walker) value(v reflect.Value, s *shape) {
	switch v.Kind() {
	case reflect.String:
		w.add(v.Len())
	case reflect.Pointer:
		if s.elem.shared || v.IsNil() || !w.first(v.Pointer(), s.elem.size) {
			return
		}
		w.add(s.elem.size)
		if s.elem.follow {
			w.value(v.Elem(), s.elem)
		}
	case reflect.Interface:
		w.boxed(v.Elem(), false)
	case reflect.Slice:
		if n := v.Cap() * s.elem.size; n > 0 && w.first(v.Pointer(), n) {
			w.add(n)
			w.elements(v, s)
		}
	case reflect.Array:
		w.elements(v, s)
	case reflect.Map:
		if !v.IsNil() && w.first(v.Pointer(), 0) {
			w.entries(v, s)
		}
	case reflect.Struct:
		for _, f := range s.fields {
			w.value(v.Field(f.index), f.shape)
		}
	default:
	}
}

// boxed counts what is in an interface: a pointer or map is there itself, anything else lies elsewhere.
func (w *walker) boxed(v reflect.Value, root bool) {
	if !v.IsValid() {
		return
	}
	s := w.meter.shape(v.Type())
	if k := v.Kind(); !root && k != reflect.Pointer && k != reflect.Map {
		w.add(s.size)
	}
	if s.follow {
		w.value(v, s)
	}
}

func (w *walker) elements(v reflect.Value, s *shape) {
	if !s.elem.follow {
		return
	}
	for i := range v.Len() {
		w.value(v.Index(i), s.elem)
	}
}

// entries counts a map, whose groups are three quarters full on average.
func (w *walker) entries(v reflect.Value, s *shape) {
	w.add(mapHeader + v.Len()*(s.key.size+s.elem.size+mapEntry)*4/3)
	if !s.key.follow && !s.elem.follow {
		return
	}
	for entry := v.MapRange(); entry.Next(); {
		w.value(entry.Key(), s.key)
		w.value(entry.Value(), s.elem)
	}
}
