package gateway

import (
	"context"
	"net/http"
	"time"
)

// pace is how fast clients must read answers: a part of them within stall, and all of it at rate bytes in a second after
// that. Who reads more slowly, or not at all, is cut off, since what is not read yet is held in memory.
type pace struct {
	stall time.Duration
	rate  int64
}

// defaultPace is what a poor mobile connection does.
var defaultPace = pace{stall: 30 * time.Second, rate: 128 << 10}

// partBytes is how much is written with one deadline.
const partBytes = 64 << 10

// write writes the answer to the request with this context. Its length must have been announced if it has more than one part. Less is
// sent when the handler has returned, so that its deadline stays; a server of the program's own may give the next answer none,
// so it has to have one for short answers itself.
func (p pace) write(ctx context.Context, w http.ResponseWriter, text []byte) {
	if len(text) <= partBytes {
		if conn := answering(ctx); conn != nil {
			_ = conn.SetWriteDeadline(time.Now().Add(p.stall))
		}
		_, _ = w.Write(text)
		return
	}
	control := http.NewResponseController(w)
	last := time.Now().Add(p.stall + time.Duration(len(text))*time.Second/time.Duration(p.rate))
	for len(text) > 0 {
		part := text[:min(len(text), partBytes)]
		deadline := time.Now().Add(p.stall)
		if deadline.After(last) {
			deadline = last
		}
		answering(ctx)
		_ = control.SetWriteDeadline(deadline) // without, as in tests, nobody waits
		if _, err := w.Write(part); err != nil {
			return
		}
		text = text[len(part):]
	}
	if control.Flush() == nil {
		_ = control.SetWriteDeadline(time.Time{}) // the connection's next answer has its own
	}
}
