package redact

import "encoding/json"

// Text masks what looks like a secret in free text. It gives s itself, without
// an allocation, where there is nothing to mask. Text(Text(s)) is Text(s).
func (r *Redactor) Text(s string) string {
	if len(s) < minText {
		return s
	}
	e := r.rules()
	out, found := e.scan(s)
	if !found {
		return s
	}
	return r.again(s, out)
}

// again goes on from out, in which something of s is masked already.
func (r *Redactor) again(s, out string) string {
	e, found := r.rules(), false
	// What a mask leaves beside it may read differently now: go on until
	// nothing is found, so that masking twice changes nothing.
	for range 4 {
		if out, found = e.scan(out); !found {
			return r.valid(s, out)
		}
	}
	return Mask
}

// valid gives out, unless s is a document of JSON and out is none any more:
// then s masked value by value.
func (r *Redactor) valid(s, out string) string {
	if s[0] != '{' && s[0] != '[' || json.Valid([]byte(out)) || !json.Valid([]byte(s)) {
		return out
	}
	v, _ := r.walk(nil, "", json.RawMessage(s))
	if b, err := json.Marshal(v); err == nil {
		return string(b)
	}
	return Mask
}
