package upstream

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

// extensionSigner makes the extension signatures of a subgraph's calls.
type extensionSigner struct {
	key  *signature.Key
	head []byte // "hmac-signature":"
}

// signExtension adds the extension signature to the body. What it signs is the body as the caller asked for it, which is
// canonical but for its foreign values.
func signExtension(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		s := c.target.extension
		if s == nil {
			return next(ctx, c)
		}
		c.extend()
		c.body = append(c.body, s.head...)
		if err := s.sign(c); err != nil {
			return nil, gqlerr.New(gqlerr.InternalServerError, "Internal server error").
				Wrap(fmt.Errorf("signing a call to subgraph %q: %w", c.target.name, err))
		}
		c.body = append(c.body, '"')
		c.target.observer.ExtensionSigned()
		return next(ctx, c)
	}
}

// closing ends the canonical text, as it would end the body.
var closing = []byte{'}'}

// canonicalTexts are where canonical texts are written that differ from the body.
var canonicalTexts = sync.Pool{New: func() any { return new([]byte) }}

// sign appends the signature to the body.
func (s *extensionSigner) sign(c *call) error {
	asked := c.body[:c.asked]
	if len(c.foreign) == 0 {
		c.body = s.key.AppendMAC(c.body, asked, closing)
		return nil
	}
	buffer, _ := canonicalTexts.Get().(*[]byte)
	defer canonicalTexts.Put(buffer)
	text := (*buffer)[:0]
	from := 0
	for _, f := range c.foreign {
		text = append(text, asked[from:f.From]...)
		var err error
		if text, err = signature.AppendCanonical(text, asked[f.From:f.To]); err != nil {
			return err
		}
		from = f.To
	}
	text = append(text, asked[from:]...)
	c.body = s.key.AppendMAC(c.body, text, closing)
	if cap(text) <= maxPooled {
		*buffer = text
	}
	return nil
}

// signMessage adds the digest of the body and the signature over it and over the session headers.
//
// net/http itself sends a request again when its connection turns out to be dead and an Idempotency-Key allows it. It would do
// so with the same nonce, which a subgraph that has seen it refuses: so that header is taken away, and retry does it.
func signMessage(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		s := c.target.message
		if s == nil {
			return next(ctx, c)
		}
		signed, err := s.Sign(c.body, c.session)
		if err != nil {
			return nil, gqlerr.New(gqlerr.InternalServerError, "Internal server error").
				Wrap(fmt.Errorf("signing a call to subgraph %q: %w", c.target.name, err))
		}
		const fields = 4
		header := make(http.Header, len(c.header)+fields)
		for name, values := range c.header {
			if name != "Idempotency-Key" {
				header[name] = values
			}
		}
		signed.Set(header)
		c.header = header
		c.target.observer.MessageSigned()
		return next(ctx, c)
	}
}
