"""Many runs looked at together: published figures beside ours."""
