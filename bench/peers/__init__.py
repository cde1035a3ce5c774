"""Ours beside what a person would pick instead, each in the form that its documentation shows."""
