#include "progress.h"

enum {
    // At the most, how much is done between two times that it is told.
    step_keys = 500,
    step_bytes = 4 << 20,
};

void progress_begin(struct progress *progress, const char *verb, struct output *output)
{
    *progress = (struct progress){.verb = verb};
    progress->output = output->terminal && !output->json ? output : NULL;
}

void progress_amount(const struct progress *progress, struct message *message)
{
    message_text(message, progress->verb);
    message_text(message, " ");
    message_number(message, progress->keys);
    message_text(message, progress->keys == 1 ? " key" : " keys");
}

void progress_step(struct progress *progress, size_t bytes)
{
    progress->keys++;
    progress->bytes += bytes;
    if (progress->output == NULL ||
        (progress->keys < progress->next_keys && progress->bytes < progress->next_bytes)) {
        return;
    }
    progress->next_keys = progress->keys + step_keys;
    progress->next_bytes = progress->bytes + step_bytes;
    char text[128];
    struct message message = {text, sizeof text, 0};
    message_text(&message, "\r");
    progress_amount(progress, &message);
    if (progress->bytes > 0) {
        message_text(&message, ", ");
        message_number(&message, progress->bytes >> 20);
        message_text(&message, " MiB");
    }
    print_message(progress->output, &message);
    print_flush(progress->output);
    progress->shown = true;
}

void progress_hide(struct progress *progress)
{
    if (progress->output != NULL && progress->shown) {
        print_text(progress->output, "\r\x1B[K");
        print_flush(progress->output);
        progress->shown = false;
    }
}

void progress_end(struct progress *progress)
{
    progress_hide(progress);
    progress->output = NULL;
}
