// Package metric is the one vocabulary: what instruments write and readers read.
package metric
