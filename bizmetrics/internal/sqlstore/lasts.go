package sqlstore

import (
	"encoding/binary"
	"errors"
	"slices"
)

// place is a scope and a topic.
type place struct{ scope, topic string }

// last is the last day, or month, at a place; None: never.
type last struct {
	place
	at int64
}

// lasts are the places at which an account or a customer was seen: few, so a
// list. They share a row, because they are read and written together, and
// because rows by account lie all over the table: each costs a page.
type lasts []last

func (l lasts) at(p place) int64 {
	for _, of := range l {
		if of.place == p {
			return of.at
		}
	}
	return None
}

func (l *lasts) set(p place, at int64) {
	for i := range *l {
		if (*l)[i].place == p {
			if at == None {
				*l = slices.Delete(*l, i, i+1)
			} else {
				(*l)[i].at = at
			}
			return
		}
	}
	if at != None {
		*l = append(*l, last{p, at})
	}
}

// encode writes each as its number and the lengths of its texts, varints, and
// the texts.
func (l lasts) encode() []byte {
	data := make([]byte, 0, 16*len(l)+1)
	for _, of := range l {
		data = binary.AppendVarint(data, of.at)
		data = binary.AppendUvarint(data, uint64(len(of.scope)))
		data = binary.AppendUvarint(data, uint64(len(of.topic)))
		data = append(append(data, of.scope...), of.topic...)
	}
	return data
}

var errLasts = errors.New("a list of last days is damaged")

func decodeLasts(data []byte) (lasts, error) {
	var all lasts
	for len(data) > 0 {
		at, n := binary.Varint(data)
		if n <= 0 {
			return nil, errLasts
		}
		scope, n1 := binary.Uvarint(data[n:])
		if n1 <= 0 {
			return nil, errLasts
		}
		topic, n2 := binary.Uvarint(data[n+n1:])
		if n2 <= 0 {
			return nil, errLasts
		}
		data = data[n+n1+n2:]
		if scope > uint64(len(data)) || topic > uint64(len(data))-scope {
			return nil, errLasts
		}
		all = append(all, last{place{string(data[:scope]), string(data[scope : scope+topic])}, at})
		data = data[scope+topic:]
	}
	return all, nil
}
