package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Object is an object of a response, in the order of the operation.
type Object struct {
	Keys   []string
	Values map[string]any
}

// MarshalJSON writes the object in its order, as section 7.2.2 wants it.
func (o *Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.Keys {
		if i > 0 {
			b.WriteByte(',')
		}
		v, err := json.Marshal(o.Values[k])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", k, v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
