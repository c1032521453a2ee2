"""Why do measures of importance differ? ask (all of them side by side), reasons (why, by rule), words, picture."""
