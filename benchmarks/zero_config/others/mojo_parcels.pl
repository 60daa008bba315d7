# Mojolicious: a map of names to URLs at /; refusals as Mojolicious::Plugin::OpenAPI writes them.
use Mojolicious::Lite -signatures;

my ($next, %parcels) = (1);

sub faults ($body) {
  return ({message => 'Expected object - got something else.', path => '/body'}) unless ref $body eq 'HASH';
  my @found;
  push @found, {message => 'Missing property.', path => "/body/$_"} for grep { !defined $body->{$_} } qw(to grams);
  push @found, {message => 'Expected integer - got string.', path => '/body/grams'}
    if defined $body->{grams} && $body->{grams} !~ /^[0-9]+$/;
  return @found;
}

helper refuse => sub ($c, $status, @faults) { $c->render(json => {errors => \@faults, status => $status}, status => $status) };

get '/' => sub ($c) { $c->render(json => {parcels => '/parcels'}) };
get '/parcels' => sub ($c) { $c->render(json => [map { $parcels{$_} } sort { $a <=> $b } keys %parcels]) };

post '/parcels' => sub ($c) {
  my @faults = faults(my $body = $c->req->json);
  return $c->refuse(400, @faults) if @faults;
  my $id = $next++;
  $parcels{$id} = {id => $id, to => "$body->{to}", grams => 0 + $body->{grams}, collected => \0};
  $c->res->headers->location("/parcels/$id");
  $c->render(json => $parcels{$id}, status => 201);
};

under '/parcels/:id' => sub ($c) {
  return 1 if $parcels{$c->param('id')};
  $c->refuse(404, {message => 'Not Found.', path => '/'});
  return undef;
};
get '/' => sub ($c) { $c->render(json => $parcels{$c->param('id')}) };
put '/' => sub ($c) {
  my @faults = faults(my $body = $c->req->json);
  return $c->refuse(400, @faults) if @faults;
  my $one = $parcels{$c->param('id')};
  @$one{qw(to grams)} = ("$body->{to}", 0 + $body->{grams});
  $c->render(json => $one);
};
del '/' => sub ($c) { delete $parcels{$c->param('id')}; $c->rendered(204) };

app->log->level('fatal');
app->start('daemon', '-l', "http://127.0.0.1:$ARGV[0]");
