package signature

import "sync"

// texts are where verifiers write canonical texts.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// VerifyExtension checks an extension signature: mac is what one of the keys makes of query and variables, which
// are JSON as it was received. The time it takes does not depend on how much of mac is right. The error is an *Error, with
// Missing when mac is empty, else with Invalid: also where JSON parsers differ, so that what runs could be something else
// than what was signed, as for two members with one name, and a number beyond a double.
//
// The signature says nothing about who is asking, when, and whom.
func VerifyExtension(keys []*Key, query, variables []byte, mac string) error {
	if mac == "" {
		return refuse(Missing, "there is no extension signature")
	}
	buf := texts.Get().(*[]byte)
	defer texts.Put(buf)
	text, err := appendRequest((*buf)[:0], query, variables, forVerifying)
	if err != nil {
		return refuse(Invalid, "%v", err)
	}
	if cap(text) <= maxSpare {
		*buf = text
	}
	for _, key := range keys {
		if key.VerifyMAC(text, mac) {
			return nil
		}
	}
	return refuse(Invalid, "the extension signature does not match")
}
