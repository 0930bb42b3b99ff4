mod busy;
mod cancel;
mod channels;
mod ends;
mod messages;
mod oracle;
mod properties;
