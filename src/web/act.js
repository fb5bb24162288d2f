/*
 * act.js - a write that a button does: what it answered is said, and the view shows what is stored now.
 */
import {failure} from './dom.js';

/**
 * @param {import('./app.js').Context} ctx
 * @param {HTMLButtonElement} button
 * @param {() => Promise<{message: string}>} write
 */
export async function act(ctx, button, write) {
    button.disabled = true;
    ctx.api.busy(1); // it may be several requests
    try {
        const {message} = await write();
        ctx.say(message);
        ctx.reload();
    } catch (error) {
        button.disabled = false;
        const place = button.isConnected ? button : document.querySelector('h1'); // the view may have been drawn anew
        const next = place?.nextElementSibling;
        if (next?.matches('.note:not(.empty)'))
            next.remove();
        place?.after(failure(error));
    } finally {
        ctx.api.busy(-1);
    }
}
