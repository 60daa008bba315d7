<?php
// Slim: {"statusCode", "data"} in responses and {"statusCode", "error": {"type", "description"}} in refusals, as in its skeleton.
// php -S 127.0.0.1:PORT slim_wines.php
$_SERVER['SCRIPT_NAME'] = '/index.php'; // the built-in server names the path that is asked for
require_once 'Slim/autoload.php';

$file = sys_get_temp_dir() . '/slim_wines_' . $_SERVER['SERVER_PORT'] . '.json';
$lock = fopen("$file.lock", 'c');
flock($lock, LOCK_EX);
$all = json_decode(@file_get_contents($file) ?: '{"next": 1, "wines": {}}', true);
$app = new \Slim\App();

function answer($response, $data, $status = 200) {
    return $response->withJson(['statusCode' => $status, 'data' => $data], $status, JSON_PRETTY_PRINT);
}
function refuse($response, $status, $type, $why) {
    return $response->withJson(['statusCode' => $status, 'error' => ['type' => $type, 'description' => $why]], $status);
}
function fault($body) {
    if (!is_array($body) || array_is_list($body)) return 'The body must be a JSON object.';
    if (!is_string($body['name'] ?? null) || $body['name'] === '') return 'Field `name` is required and must be a string.';
    if (!is_int($body['year'] ?? null)) return 'Field `year` is required and must be an integer.';
    return null;
}
$save = function () use (&$all, $file) { file_put_contents($file, json_encode($all)); };

$app->get('/', fn($q, $r) => $r->withJson(['wines' => '/wines']));
$app->get('/wines', fn($q, $r) => answer($r, array_values($all['wines'])));
$app->post('/wines', function ($q, $r) use (&$all, $save) {
    if ($why = fault($body = $q->getParsedBody())) return refuse($r, 422, 'VALIDATION_ERROR', $why);
    $id = $all['next']++;
    $all['wines'][$id] = ['id' => $id, 'name' => $body['name'], 'year' => $body['year']];
    $save();
    return answer($r->withHeader('Location', "/wines/$id"), $all['wines'][$id], 201);
});
foreach (['get', 'put', 'delete'] as $method) {
    $app->$method('/wines/{id}', function ($q, $r, $args) use (&$all, $save, $method) {
        $id = $args['id'];
        if (!isset($all['wines'][$id])) return refuse($r, 404, 'RESOURCE_NOT_FOUND', 'The wine you requested does not exist.');
        if ($method === 'put') {
            if ($why = fault($body = $q->getParsedBody())) return refuse($r, 422, 'VALIDATION_ERROR', $why);
            $all['wines'][$id] = ['id' => (int) $id, 'name' => $body['name'], 'year' => $body['year']];
            $save();
        }
        if ($method === 'delete') {
            unset($all['wines'][$id]);
            $save();
            return $r->withStatus(204);
        }
        return answer($r, $all['wines'][$id]);
    });
}
$app->run();
